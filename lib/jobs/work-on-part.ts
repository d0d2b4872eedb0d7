import type { AnyJob } from '../contracts/job.ts';
import { asGraftError, ConflictError, errorJson } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { changeJob, readJob } from './job-store.ts';
import { failed, isCurrent } from './life-cycle.ts';

/** How often a machine checks that its part is still needed. */
const LOOK_MS = 30_000;

/**
 * Works on one machine's part of an attempt's extraction, while that attempt is the current one. An error that is not
 * retryable fails the job; any other error is thrown, so that the compute target reports it, and the next attempt
 * reuses the finished parts.
 * @param stop aborted if this process is asked to end
 * @returns the result of the work; undefined if the attempt is no longer the current one, or the work failed its job
 * @throws retryable errors of the work
 */
export async function workOnPart<Result>(
  { job: id, attempt }: JobAttempt,
  work: (job: AnyJob, signal: AbortSignal) => Promise<Result>,
  world: World,
  stop: AbortSignal,
): Promise<Result | undefined> {
  const unwanted = new AbortController();
  const readCurrent = async (): Promise<AnyJob> => {
    const job = await readJob(id, world.store);
    // An attempt that has ended stays the latest one until the next one is claimed.
    if (!isCurrent(job, attempt)) unwanted.abort(new Error('no longer wanted'));
    return job;
  };
  const job = await readCurrent();
  const timer = setInterval(
    () => void readCurrent().catch((error) => world.log('part.look.failed', { error: errorJson(error) })),
    LOOK_MS,
  );
  let result: Result | undefined;
  try {
    if (!unwanted.signal.aborted) result = await work(job, AbortSignal.any([unwanted.signal, stop]));
  } catch (error) {
    if (!unwanted.signal.aborted) await reportFailure(error);
  } finally {
    clearInterval(timer);
  }
  if (unwanted.signal.aborted) world.log('part.unwanted', { job: id, attempt });
  return result;

  async function reportFailure(error: unknown): Promise<void> {
    const known = asGraftError(error);
    world.log('part.failed', { job: id, attempt, error: errorJson(known), stack: known.stack });
    if (known.retryable || stop.aborted) throw known;
    try {
      const now = world.clock.now();
      const { after } = await changeJob(id, world.store, (current) => failed(current, attempt, errorJson(known), now));
      await advanceJob(after, world);
    } catch (refused) {
      // Another part was first, or the attempt was replaced.
      if (!(refused instanceof ConflictError)) throw refused;
    }
  }
}
