/**
 * The calls of a part. A part may be delivered twice, and a call may die at any time: the part's own record says whether
 * a call is at work, and limits how often the part begins and what it costs.
 */
import { z } from 'zod';
import { Time } from '../../contracts/names.ts';
import type { Clock, ObjectStore } from '../../ports.ts';
import { changeDocument, readDocument } from '../documents.ts';
import { listKeys } from '../list-keys.ts';
import type { PartKeys, PartName } from './part-keys.ts';

/** The calls of one part: only they write it, so no record is shared. */
export const PartCalls = z.strictObject({
  /** When the call that is at work began. Absent if none is. */
  since: Time.optional(),
  /** Seconds of the calls that have ended. */
  seconds: z.number().min(0),
  /** Number of calls that died, failed or stored nothing. */
  failures: z.int().min(0),
});
export type PartCalls = z.infer<typeof PartCalls>;

/** A record is named by its key, which `partKeys` returns. */
export const callsDocument = { schema: PartCalls, key: (key: string): string => key };

/** Time limit of the function. Short, because a part whose function dies waits for so long. */
export const CALL_SECONDS = 180;
/** How much longer a call counts as at work, for clocks that differ. */
const SLACK_SECONDS = 30;
/** The most calls of an extraction's part that may die, fail or store nothing: each shard is computed at most twice. */
export const MAX_FAILURES = 2;

export type BegunCall =
  /** @property since identifies the call; @property seconds of the calls before it */
  | { readonly state: 'begun'; readonly since: string; readonly seconds: number }
  /** @property seconds until the part can begin again */
  | { readonly state: 'busy'; readonly seconds: number }
  | { readonly state: 'exhausted' };

/** A part that no call has begun. */
const NO_CALLS: PartCalls = { seconds: 0, failures: 0 };
/** How a call counts that has not recorded its end. */
const DIED = { seconds: CALL_SECONDS, hasFailed: true };

/** Whether a call of a part has ever begun. */
export async function hasBegun({ calls }: PartKeys, part: PartName, store: ObjectStore): Promise<boolean> {
  return (await store.head(calls(part))) !== undefined;
}

/** Whether a call of a part is at work, and has not been for longer than its function can. */
export async function isAtWork({ calls }: PartKeys, part: PartName, store: ObjectStore, clock: Clock): Promise<boolean> {
  const since = (await readDocument(store, callsDocument, calls(part)))?.since;
  return since !== undefined && secondsLeft(since, clock.now()) > 0;
}

/**
 * Begins a call of a part, unless another one is at work or the part has failed too often.
 * @param mostFailures calls that may die, fail or store nothing
 */
export async function beginCall(
  { calls }: PartKeys,
  part: PartName,
  store: ObjectStore,
  clock: Clock,
  mostFailures: number = MAX_FAILURES,
): Promise<BegunCall> {
  const now = clock.now();
  const { before = NO_CALLS } = await changeDocument(store, callsDocument, calls(part), (record = NO_CALLS) => {
    const call = nextCall(record, now, mostFailures);
    return call.state === 'begun' ? { ...withoutCall(record, DIED), since: call.since } : undefined;
  });
  return nextCall(before, now, mostFailures);
}

/** What becomes of a call that would begin now. */
function nextCall(record: PartCalls, now: Date, mostFailures: number): BegunCall {
  const rest = record.since === undefined ? 0 : secondsLeft(record.since, now);
  if (rest > 0) return { state: 'busy', seconds: rest };
  const { seconds, failures } = withoutCall(record, DIED);
  if (failures >= mostFailures) return { state: 'exhausted' };
  return { state: 'begun', since: now.toISOString(), seconds };
}

/**
 * Ends a call. Has no effect if it was taken for dead, and another one has begun.
 * @param hasFailed whether it failed or stored nothing
 * @returns the number of failures of the part
 */
export async function endCall(
  { calls }: PartKeys,
  part: PartName,
  { since, hasFailed }: { readonly since: string; readonly hasFailed: boolean },
  store: ObjectStore,
  clock: Clock,
): Promise<number> {
  const seconds = Math.max(0, (clock.now().getTime() - Date.parse(since)) / 1000);
  const { after } = await changeDocument(store, callsDocument, calls(part), (current) =>
    current?.since === since ? withoutCall(current, { seconds, hasFailed }) : undefined,
  );
  return after?.failures ?? 0;
}

/**
 * What the calls of a work have used. A call whose end is unknown counts until its function's time is over.
 * @param until when the calls that are at work end at the latest
 * @returns the number of parts that have begun, the division included, and the seconds of their calls
 */
export async function usedBy(
  { callsPrefix }: PartKeys,
  until: Date,
  store: ObjectStore,
): Promise<{ readonly parts: number; readonly seconds: number }> {
  let [parts, seconds] = [0, 0];
  for await (const { key } of listKeys(store, callsPrefix)) {
    const record = await readDocument(store, callsDocument, key);
    if (record === undefined) continue;
    const elapsed = record.since === undefined ? 0 : (until.getTime() - Date.parse(record.since)) / 1000;
    parts++;
    seconds += record.seconds + Math.min(CALL_SECONDS, Math.max(0, elapsed));
  }
  return { parts, seconds };
}

/** The record after the end of the call that is at work, if there is one. */
function withoutCall(
  { since, seconds, failures }: PartCalls,
  ended: { readonly seconds: number; readonly hasFailed: boolean },
): PartCalls {
  if (since === undefined) return { seconds, failures };
  return { seconds: seconds + ended.seconds, failures: failures + (ended.hasFailed ? 1 : 0) };
}

function secondsLeft(since: string, now: Date): number {
  return CALL_SECONDS + SLACK_SECONDS - (now.getTime() - Date.parse(since)) / 1000;
}
