import { type AnyJob, type AnyResult, type InterimResult, isTraining, type JobProgress } from '../contracts/job.ts';
import type { Publication } from '../contracts/model-version.ts';
import { errorJson } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { withAbortGracePeriod } from './abort-grace-period.ts';
import { deleteTrainingCheckpoints } from './attempt-checkpoints.ts';
import { countKept } from './count-kept.ts';
import { openEventLog } from './event-log.ts';
import { type Heartbeats, openHeartbeats } from './heartbeats.ts';
import { changeJob, readJob } from './job-store.ts';
import { isReplaced, publishing } from './life-cycle.ts';
import { recordFailure, recordSuccess } from './record-end.ts';
import { openTimeLimit, type TimeLimit } from './time-limit.ts';

/** The worker's services for the work that it runs. */
export interface JobContext {
  /** Reports the progress. It is written at most once a second, and often enough to renew the lease. */
  readonly report: (progress: JobProgress) => void;
  /** Waits for a pending write. Long computations await it from time to time, so that the lease does not expire. */
  readonly flush: () => Promise<void>;
  /** Aborted if the attempt was replaced, the job was cancelled or reached a limit, or the process must end. */
  readonly signal: AbortSignal;
  /** Aborted if the user asks the training to publish its interim result; undefined if nobody can ask. */
  readonly finish?: AbortSignal;
  /** Reports a result that the training would publish if `finish` were aborted. */
  readonly reportInterim?: (interim: InterimResult) => void;
  /** Seconds that the job may still run; undefined without a limit. */
  readonly secondsLeft?: () => number;
  /**
   * Records the version that the attempt is about to publish, with everything needed to publish it. Only an attempt
   * that has done this may change the registry. From then on the job cannot be cancelled.
   * @returns the version to publish: another one if another worker had recorded it before
   * @throws ConflictError ATTEMPT_REPLACED if the attempt was replaced or the job was cancelled
   */
  readonly beginPublishing: (publication: Publication) => Promise<Publication>;
}

/**
 * Runs one attempt: starts the job, renews its lease, records its events and its end. A replaced attempt writes nothing
 * more. The world that it passes to the work also records the lines of the log.
 * @param stop aborted if this process is asked to end (SIGTERM); if its reason is a GraftError, the job records that
 * @param mayBeCalledAgain whether the compute may call another worker for the same attempt; then this one does nothing if
 * another one works on it
 * @returns the job after the attempt, or undefined if the attempt was replaced
 */
export async function workOnJob(
  attempt: JobAttempt,
  work: (job: AnyJob, jobContext: JobContext, world: World) => Promise<AnyResult>,
  world: World,
  stop: AbortSignal,
  { mayBeCalledAgain = false }: { readonly mayBeCalledAgain?: boolean } = {},
): Promise<AnyJob | undefined> {
  const events = openEventLog(attempt, world);
  const limit = openTimeLimit(world.clock);
  const heartbeats = openHeartbeats(attempt, world, { events, limit, mayBeCalledAgain });
  try {
    const job = await heartbeats.start();
    limit.begin(job);
    try {
      const signal = AbortSignal.any([heartbeats.replaced, stop, limit.signal]);
      const jobContext = contextOf(attempt, { heartbeats, limit, signal }, world);
      const given = { ...world, log: events.log, store: countKept(world.store, heartbeats.noteKept) };
      const result = await withAbortGracePeriod(work(job, jobContext, given), signal);
      await heartbeats.written();
      await events.flush();
      return await recordSuccess(attempt, result, world);
    } finally {
      await heartbeats.stop();
    }
  } catch (error) {
    const isUnwanted = isReplaced(error) || heartbeats.replaced.aborted;
    const failure = { over: limit.reason(), stop, error, workedSeconds: limit.workedSeconds() };
    const job = isUnwanted ? undefined : await recordFailure(attempt, failure, events, world);
    await discardCheckpoints(attempt.job, world);
    return job;
  }
}

/** Deletes the checkpoints of a job that has ended without a result. Those that stay expire. */
async function discardCheckpoints(id: string, world: World): Promise<void> {
  try {
    const job = await readJob(id, world.store);
    const isOver = job.state === 'FAILED' || job.state === 'CANCELLED';
    if (isOver && isTraining(job)) await deleteTrainingCheckpoints(job, world.store);
  } catch (error) {
    world.log('checkpoints.not-deleted', { job: id, error: errorJson(error) });
  }
}

interface Watched {
  readonly heartbeats: Heartbeats;
  readonly limit: TimeLimit;
  readonly signal: AbortSignal;
}

/** The services for the work of an attempt. */
function contextOf({ job: id, attempt }: JobAttempt, { heartbeats, limit, signal }: Watched, world: World): JobContext {
  const { report, reportInterim, finish, written } = heartbeats;
  return {
    report,
    reportInterim,
    signal,
    finish,
    secondsLeft: limit.secondsLeft,
    async flush() {
      limit.check();
      await written();
    },
    async beginPublishing(publication) {
      const { after } = await changeJob(id, world.store, (current) =>
        publishing(current, attempt, publication, world.clock.now()),
      );
      // The job ends with a version now, within seconds.
      limit.lift();
      return (isTraining(after) ? after.publishing : undefined) ?? publication;
    },
  };
}
