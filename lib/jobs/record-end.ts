/** Records how an attempt ended, by its own worker. */
import type { AnyJob, AnyResult } from '../contracts/job.ts';
import { asGraftError, errorJson, GraftError, RuntimeError } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { advanceJob } from './advance-job.ts';
import { isPublishing, publishingPause, WORKER_STOPPED } from './attempt-limits.ts';
import type { EventLog } from './event-log.ts';
import { changeJob } from './job-store.ts';
import { attemptLost, failed, isReplaced, succeeded, withWorkedSeconds } from './life-cycle.ts';

/**
 * Why a job with a recorded version can never end well: the package was deleted, or it cannot be read, perhaps also where
 * its version is in the registry.
 */
const UNPUBLISHABLE: ReadonlySet<string> = new Set(['MODEL_PACKAGE_MISSING', 'DOCUMENT_UNREADABLE']);

/**
 * Records that the job succeeded.
 * @returns the job
 * @throws ConflictError ATTEMPT_REPLACED; ZodError if the result is of another kind
 */
export async function recordSuccess({ job: id, attempt }: JobAttempt, result: AnyResult, world: World): Promise<AnyJob> {
  const { after: job } = await changeJob(id, world.store, (current) => succeeded(current, attempt, result, world.clock.now()));
  await advanceJob(job, world);
  return job;
}

/** Why an attempt ended without a result. The first of these that there is counts. */
export interface AttemptFailure {
  /** The limit that the job has reached. */
  readonly over: GraftError | undefined;
  /** Aborted if the process is asked to end. */
  readonly stop: AbortSignal;
  readonly error: unknown;
  /** Of all attempts, as for a heartbeat. */
  readonly workedSeconds?: number | undefined;
}

/**
 * Records that the attempt failed, with the last lines of its log. The job fails, or another attempt follows.
 * @returns the job, or undefined if the attempt was replaced
 */
export async function recordFailure(
  { job: id, attempt }: JobAttempt,
  { over, stop, error, workedSeconds }: AttemptFailure,
  events: EventLog,
  world: World,
): Promise<AnyJob | undefined> {
  const known = over ?? (stop.aborted ? stopped(stop.reason) : asGraftError(error));
  events.log('attempt.failed', { job: id, attempt, error: errorJson(known), stack: known.stack });
  await events.flush();
  const report = { ...errorJson(known), log: events.lastLines() };
  const retryable = over === undefined && (known.retryable || stop.aborted);
  // A job that has recorded its version publishes it, unless the version was deleted or damaged meanwhile.
  const isRetried = (current: AnyJob) => (isPublishing(current) ? !UNPUBLISHABLE.has(known.code) : retryable);
  const fail = (current: AnyJob) => {
    const record = isRetried(current) ? attemptLost : failed;
    return record(withWorkedSeconds(current, workedSeconds), attempt, report, world.clock.now());
  };
  try {
    const { after: job } = await changeJob(id, world.store, fail);
    await advanceJob(job, world, retryable ? 0 : publishingPause(job));
    return job;
  } catch (refused) {
    if (isReplaced(refused)) return undefined;
    throw refused;
  }
}

/**
 * Returns the reason to record if the process was asked to end: another attempt continues the work, and this one does
 * not count as lost.
 */
function stopped(reason: unknown): GraftError {
  if (reason instanceof GraftError) return reason;
  return new RuntimeError(WORKER_STOPPED, {
    expected: 'a worker that can finish the job',
    received: reason instanceof Error ? reason.message : 'a request to stop',
    fix: 'nothing: another attempt continues where this one stopped',
    cause: reason,
    retryable: true,
  });
}
