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
  let handle: string | undefined;
  const job = await changeJob(world.store, id, (current) => {
    handle = current.handle;
    return cancelled(current, world.clock.now());
  });
  if (handle !== undefined && job.state === 'CANCELLED') await stopWorker(handle, job, compute, world);
  await advanceJob(job, world);
  return job;
}
