import { mapInOrder } from '../../concurrency.ts';
import { RuntimeError } from '../../errors.ts';
import type { JobAttempt, JobQueue, World } from '../../ports.ts';
import { readDocument } from '../../store/documents.ts';
import { recordPart } from '../../store/parts/completed-parts.ts';
import { functionQueue } from '../../store/parts/function-queue.ts';
import { hasBegun } from '../../store/parts/part-calls.ts';
import { advanceJob } from '../advance-job.ts';
import { changeJob } from '../job-store.ts';
import { extracted } from '../life-cycle.ts';
import { type ExtractionPlan, extractionOf, extractionPlanDocument } from './extraction-documents.ts';

/** Messages to send at once. */
const SENT_AT_ONCE = 10;

/**
 * Completes a part: sends the job to its training if all parts are complete, else the next part of its chain. May be
 * repeated, and must be if the process dies meanwhile.
 * @throws retryable errors of the store and the queue
 */
export async function completeExtractionPart(own: JobAttempt, part: number, world: World): Promise<void> {
  const plan = await readPlan(own, world);
  if (await recordPart(extractionOf(own), part, plan.parts, world.store)) await continueWithTraining(own, world);
  else await sendParts(own, [part + plan.functions], plan, world);
}

/**
 * Sends parts that exist and have not begun. Of one that has begun there is a message, until it is complete or its
 * attempt ends.
 */
export async function sendParts(
  own: JobAttempt,
  parts: readonly number[],
  plan: ExtractionPlan,
  world: World,
  signal?: AbortSignal,
): Promise<void> {
  const queue = extractionsOf(world);
  const keys = extractionOf(own);
  const existing = parts.filter((part) => part < plan.parts);
  const sent = mapInOrder(existing, SENT_AT_ONCE, async (part) => {
    if (!(await hasBegun(keys, part, world.store))) await queue.send({ type: 'extract', ...own, part });
  });
  for await (const _ of sent) signal?.throwIfAborted();
}

/** Sends the job to its training, once. If this process dies before the message is sent, reconcileJobs() sends it. */
export async function continueWithTraining({ job: id, attempt }: JobAttempt, world: World): Promise<void> {
  const { after, isChanged } = await changeJob(world.store, id, (job) => extracted(job, attempt, world.clock.now()));
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
  return functionQueue(world, 'extract features');
}
