import { RuntimeError } from '../../errors.ts';
import type { JobAttempt, JobQueue, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { functionQueue } from '../../store/parts/function-queue.ts';
import { completePart } from '../../store/parts/part-chains.ts';
import type { PartName } from '../../store/parts/part-keys.ts';
import { advanceJob } from '../advance-job.ts';
import { changeJob } from '../job-store.ts';
import { extracted } from '../life-cycle.ts';
import { type ExtractionPlan, extractionOf, extractionPlanDocument } from './extraction-documents.ts';

/**
 * Completes a part: sends the job to its training if all parts are complete, else the next part of its chain. May be
 * repeated, and must be if the process dies meanwhile.
 * @throws retryable errors of the store and the queue
 */
export async function completeExtractionPart(own: JobAttempt, part: number, world: World): Promise<void> {
  const plan = await readPlan(own, world);
  const send = (next: number) => sendExtractionPart(own, next, world);
  const isLast = await completePart(extractionOf(own), part, plan, send, world.store);
  if (isLast) await continueWithTraining(own, world);
}

/** Sends the message of a part. */
export async function sendExtractionPart(own: JobAttempt, part: PartName, world: World): Promise<void> {
  await extractionsOf(world).send({ type: 'extract', ...own, ...(part !== 'plan' && { part }) });
}

/** Sends the job to its training, once. If this process dies before the message is sent, reconcileJobs() sends it. */
export async function continueWithTraining({ job: id, attempt }: JobAttempt, world: World): Promise<void> {
  const { after, isChanged } = await changeJob(id, world.store, (job) => extracted(job, attempt, world.clock.now()));
  if (isChanged) await advanceJob(after, world);
}

/** @throws RuntimeError EXTRACTION_PLAN_MISSING */
export async function readPlan(own: JobAttempt, { store }: World): Promise<ExtractionPlan> {
  const key = extractionOf(own).plan;
  const plan = await readDocument(store, extractionPlanDocument, key);
  if (plan !== undefined) return plan;
  throw new RuntimeError('EXTRACTION_PLAN_MISSING', {
    at: key,
    expected: 'the division of the images into parts',
    received: 'nothing',
    fix: 'nothing: another attempt divides them again',
    retryable: true,
  });
}

/** The queue of the functions. @throws as functionQueue */
export function extractionsOf(world: World): JobQueue {
  return functionQueue('extract features', world);
}
