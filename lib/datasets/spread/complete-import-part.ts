import { forEachConcurrently } from '../../concurrency.ts';
import type { JobQueue, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { functionQueue } from '../../store/parts/function-queue.ts';
import { isAtWork } from '../../store/parts/part-calls.ts';
import { completePart, findNextParts } from '../../store/parts/part-chains.ts';
import { importMessage } from '../uploads/running-imports.ts';
import { type ImportPlan, importOf, importPlanDocument } from './import-documents.ts';

/** Parts to send at once. */
const AT_ONCE = 10;

/**
 * Completes a part of an import: sends the import to the function that joins the parts if all are complete, else the
 * next part of its chain. May be repeated, and must be if the process dies meanwhile.
 * @throws retryable errors of the store and the queue
 */
export async function completeImportPart(upload: string, part: number, world: World): Promise<void> {
  const { store } = world;
  const keys = importOf(upload);
  const plan = await readDocument(store, importPlanDocument, keys.plan);
  // If it has expired, the import divides its contents once more when the tracker sends it again.
  if (plan === undefined) return;
  const send = (next: number) => sendImportPart(upload, next, world);
  const isLast = await completePart(keys, part, plan, send, store);
  if (isLast) await sendToJoin(upload, world);
}

/**
 * Completes a part that functions could not check. The function that joins the parts checks the images whose checks are
 * missing, and tells the reason if it fails, too.
 * @throws as `completeImportPart`
 */
export async function leaveOutPart(upload: string, part: number, why: string, world: World): Promise<void> {
  world.log('import.part-left-out', { upload, part, why });
  await completeImportPart(upload, part, world);
}

/**
 * Begins the chains of an import, or continues those whose messages are lost: sends the first incomplete part of each,
 * unless a call of it is at work.
 * @returns whether all parts are complete
 * @throws retryable errors of the store and the queue
 */
export async function continueChains(upload: string, plan: ImportPlan, world: World, signal?: AbortSignal): Promise<boolean> {
  const { store, clock } = world;
  const keys = importOf(upload);
  const nextParts = await findNextParts(keys, plan, store);
  await forEachConcurrently(nextParts, AT_ONCE, async ({ part }) => {
    signal?.throwIfAborted();
    if (!(await isAtWork(keys, part, store, clock))) await sendImportPart(upload, part, world);
  });
  return nextParts.length === 0;
}

async function sendImportPart(upload: string, part: number, world: World): Promise<void> {
  await functionsOf(world).send({ type: 'check', upload, part });
}

/** Sends the import to the function that joins the parts. Once, unless the process dies in between. */
async function sendToJoin(upload: string, { store, queues }: World): Promise<void> {
  const { joined } = importOf(upload);
  if ((await store.head(joined)) !== undefined) return;
  await queues.imports.send(importMessage(upload));
  await store.put(joined, new Uint8Array());
}

/** The queue of the functions. @throws as functionQueue */
export function functionsOf(world: World): JobQueue {
  return functionQueue('check images', world);
}
