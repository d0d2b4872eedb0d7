import type { AnyJob } from '../contracts/job.ts';
import type { Compute, World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { changeJob } from './job-store.ts';
import { cancelled } from './life-cycle.ts';
import { stopWorker } from './stop-worker.ts';

/**
 * Cancels a job. The record changes first, so an unreachable worker learns of it at its next heartbeat. Then the worker
 * is stopped, because nobody has its handle any more; what follows is repeated by reconcileJobs() if it fails. A worker
 * whose start has not returned its handle yet is stopped by dispatchJob().
 * @throws ConflictError JOB_PUBLISHING if it is about to publish its model; NotFoundError JOB_NOT_FOUND
 */
export async function cancelJob(id: string, compute: Compute, world: World): Promise<AnyJob> {
  const { before, after } = await changeJob(id, world.store, (job) => cancelled(job, world.clock.now()));
  const { handle } = before;
  if (handle !== undefined && after.state === 'CANCELLED') await stopWorker(handle, after, compute, world);
  await advanceJob(after, world);
  return after;
}
