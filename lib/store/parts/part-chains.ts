/**
 * Chains of parts. Each part whose number is below the number of functions begins a chain; a complete part is followed by
 * the one whose number is higher by that. So no more parts are in progress at once than there are functions, and nobody
 * counts them.
 *
 * A part is recorded as complete before the next one is sent, so the complete parts of a chain are its first ones. A part
 * that has begun has a message until it is complete: it is not sent again when the one before it is completed once more.
 * If messages may be lost, the parts to send again are those that `findNextParts` returns.
 */
import { forEachConcurrently, mapInOrder } from '../../concurrency.ts';
import type { ObjectStore } from '../../ports.ts';
import { recordPart } from './completed-parts.ts';
import { hasBegun } from './part-calls.ts';
import type { PartKeys } from './part-keys.ts';

/** How a work is divided. */
export interface ChainPlan {
  /** Number of all parts. */
  readonly parts: number;
  /** The most parts in progress at once. */
  readonly functions: number;
}

/** Sends the message of a part. */
export type SendPart = (part: number) => Promise<void>;

/** The first part of a chain that is not complete. */
export interface NextPart {
  readonly part: number;
  /** When the part before it was completed. Undefined if it is the first of its chain. */
  readonly since: Date | undefined;
}

/** Chains to work on at once. */
const AT_ONCE = 10;

/**
 * Sends the first part of each chain, unless it has begun.
 * @throws retryable errors of the store and the queue; the reason of the signal
 */
export async function beginChains(
  keys: PartKeys,
  plan: ChainPlan,
  send: SendPart,
  store: ObjectStore,
  signal: AbortSignal,
): Promise<void> {
  await forEachConcurrently(firstParts(plan), AT_ONCE, async (part) => {
    signal.throwIfAborted();
    await sendUnlessBegun(keys, part, send, store);
  });
}

/**
 * Records that a part is complete, and sends the next one of its chain, unless that has begun. May be repeated, and must
 * be if the process dies meanwhile.
 * @returns whether all parts are complete. Of concurrent calls, one or more return true
 * @throws retryable errors of the store and the queue
 */
export async function completePart(
  keys: PartKeys,
  part: number,
  { parts, functions }: ChainPlan,
  send: SendPart,
  store: ObjectStore,
): Promise<boolean> {
  if (await recordPart(keys, part, parts, store)) return true;
  const next = part + functions;
  if (next < parts) await sendUnlessBegun(keys, next, send, store);
  return false;
}

/** Finds the next part of each chain whose parts are not all complete. */
export async function findNextParts(keys: PartKeys, plan: ChainPlan, store: ObjectStore): Promise<NextPart[]> {
  const nextParts: NextPart[] = [];
  const found = mapInOrder(firstParts(plan), AT_ONCE, (first) => findNextPart(keys, first, plan, store));
  for await (const next of found) if (next !== undefined) nextParts.push(next);
  return nextParts;
}

function firstParts({ parts, functions }: ChainPlan): number[] {
  return Array.from({ length: Math.min(functions, parts) }, (_, part) => part);
}

/** A binary search: the complete parts of a chain are its first ones. */
async function findNextPart(
  { done }: PartKeys,
  first: number,
  { parts, functions }: ChainPlan,
  store: ObjectStore,
): Promise<NextPart | undefined> {
  let [complete, most] = [0, Math.ceil((parts - first) / functions)];
  let since: Date | undefined;
  while (complete < most) {
    const middle = (complete + most) >> 1;
    const found = await store.head(done(0, first + middle * functions));
    if (found === undefined) most = middle;
    else [complete, since] = [middle + 1, found.modifiedAt];
  }
  const part = first + complete * functions;
  return part < parts ? { part, since } : undefined;
}

async function sendUnlessBegun(keys: PartKeys, part: number, send: SendPart, store: ObjectStore): Promise<void> {
  if (!(await hasBegun(keys, part, store))) await send(part);
}
