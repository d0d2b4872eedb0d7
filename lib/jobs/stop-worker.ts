import type { AnyJob } from '../contracts/job.ts';
import { errorJson } from '../errors.ts';
import type { Compute, World } from '../ports.ts';

/** Stops a worker. One that cannot be stopped from here exits when it finds that its job is cancelled. */
export async function stopWorker(handle: string, { id }: AnyJob, compute: Compute, { log }: World): Promise<void> {
  await compute.stop(handle).catch((error: unknown) => log('stop.failed', { job: id, handle, error: errorJson(error) }));
}
