import { UsageError } from '../../errors.ts';
import { mapInOrder } from '../../images/map-in-order.ts';
import type { JobQueue, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { recordPart } from '../../store/parts/completed-parts.ts';
import { hasBegun } from '../../store/parts/part-calls.ts';
import { type ImportPlan, importOf, planDocument } from './import-documents.ts';

/** Messages to send at once. */
const SENT_AT_ONCE = 10;

/**
 * Completes a part of an import: sends the import to the function that joins the parts if all are complete, else the
 * next part of its chain. May be repeated, and must be if the process dies meanwhile.
 * @throws retryable errors of the store and the queue
 */
export async function completePart(upload: string, part: number, world: World): Promise<void> {
  const keys = importOf(upload);
  const plan = await readDocument(world.store, planDocument, keys.plan);
  if (plan === undefined) return;
  if (await recordPart(keys, part, plan.parts, world.store)) await sendToJoin(upload, world);
  else await sendParts(upload, [part + plan.functions], plan, world);
}

/**
 * Sends parts that exist and have not begun. Of one that has begun there is a message, until it is complete or one
 * function imports alone.
 */
export async function sendParts(
  upload: string,
  parts: readonly number[],
  plan: ImportPlan,
  world: World,
  signal?: AbortSignal,
): Promise<void> {
  const keys = importOf(upload);
  const queue = functionsOf(world);
  const existing = parts.filter((part) => part < plan.parts);
  const sent = mapInOrder(existing, SENT_AT_ONCE, async (part) => {
    if (!(await hasBegun(keys, part, world.store))) await queue.send({ type: 'check', upload, part });
  });
  for await (const _ of sent) signal?.throwIfAborted();
}

/** Lets one function check what is missing, because a part cannot be completed. That function tells the reason. */
export async function importAlone(upload: string, why: string, world: World): Promise<void> {
  world.log('import.alone', { upload, why });
  await world.store.put(importOf(upload).alone, new TextEncoder().encode(why));
  await sendToJoin(upload, world);
}

/** Sends the import to the function that joins the parts. Once, unless the process dies in between. */
async function sendToJoin(upload: string, { store, queues }: World): Promise<void> {
  const { joined } = importOf(upload);
  if ((await store.head(joined)) !== undefined) return;
  await queues.imports.send({ type: 'import', upload });
  await store.put(joined, new Uint8Array());
}

/** The queue of the functions. @throws UsageError ENVIRONMENT_INCOMPLETE */
export function functionsOf({ queues }: World): JobQueue {
  if (queues.extractions !== undefined) return queues.extractions;
  throw new UsageError('ENVIRONMENT_INCOMPLETE', {
    at: 'GRAFT_EXTRACTION_QUEUE_URL',
    expected: 'the queue of functions that check images',
    received: 'nothing',
    fix: 'graft deploy sets it',
  });
}
