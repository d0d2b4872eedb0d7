import { mapInOrder } from '../../concurrency.ts';
import type { JobQueue, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { isPartComplete, recordPart } from '../../store/parts/completed-parts.ts';
import { functionQueue } from '../../store/parts/function-queue.ts';
import { hasBegun, isAtWork } from '../../store/parts/part-calls.ts';
import { importMessage } from '../uploads/running-imports.ts';
import { type ImportPlan, importOf, importPlanDocument } from './import-documents.ts';

/** Chains to continue at once. */
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
  if (plan === undefined) return;
  if (await recordPart(keys, part, plan.parts, store)) {
    await sendToJoin(upload, world);
    return;
  }
  const next = part + plan.functions;
  // Of one that has begun there is a message, until it is complete.
  if (next < plan.parts && !(await hasBegun(keys, next, store)))
    await functionsOf(world).send({ type: 'check', upload, part: next });
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
  const queue = functionsOf(world);
  const chains = Array.from({ length: Math.min(plan.functions, plan.parts) }, (_, chain) => chain);
  const continued = mapInOrder(chains, AT_ONCE, async (chain) => {
    let part = chain;
    while (part < plan.parts && (await isPartComplete(keys, part, store))) part += plan.functions;
    if (part >= plan.parts) return true;
    if (!(await isAtWork(keys, part, store, clock))) await queue.send({ type: 'check', upload, part });
    return false;
  });
  let isComplete = true;
  for await (const isChainComplete of continued) {
    signal?.throwIfAborted();
    isComplete &&= isChainComplete;
  }
  return isComplete;
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
  return functionQueue(world, 'check images');
}
