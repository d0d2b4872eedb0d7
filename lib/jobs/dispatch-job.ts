import { asGraftError, errorJson } from '../errors.ts';
import type { Compute, JobAttempt, World } from '../ports.ts';
import { claimed, failed, hasEnded, started } from './job-life.ts';
import { changeJob } from './job-store.ts';
import { settle } from './track-job.ts';

/**
 * Takes a submitted job and starts its next attempt. A message that comes twice, or for a job that somebody has or that has ended,
 * does nothing. Dying between claim and start is safe: the lease runs out, and reconcile() sends the job again.
 * @throws what the compute throws; the job then waits for another attempt, or has failed with that reason
 * @returns the attempt's number, or undefined where there was nothing to start
 */
export async function dispatchJob(id: string, compute: Compute, world: World): Promise<number | undefined> {
  let attempt: number | undefined;
  await changeJob(world.store, id, (job) => {
    const next = claimed(job, world.clock.now());
    attempt = next?.attempt;
    return next;
  });
  if (attempt === undefined) return undefined;
  const mine = attempt;
  const handle = await compute
    .start({ job: id, attempt: mine })
    .catch((error) => startFailed({ job: id, attempt: mine }, error, world));
  await changeJob(world.store, id, (job) => started(job, mine, handle, world.clock.now()));
  world.log('attempt.started', { job: id, attempt: mine, handle });
  return mine;
}

/** The attempt is lost, or, where no other can do better, the job has failed; thrown again, so that the message comes again. */
async function startFailed({ job: id, attempt }: JobAttempt, error: unknown, world: World): Promise<never> {
  const known = asGraftError(error);
  const job = await changeJob(world.store, id, (current) => {
    if (hasEnded(current) || current.attempt !== attempt) return undefined;
    return failed(current, attempt, errorJson(known), known.retryable, world.clock.now());
  });
  if (hasEnded(job)) await settle(job, world);
  throw known;
}
