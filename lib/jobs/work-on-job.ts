import { type AnyJob, type AnyResult, InterimResult, isTraining, JobProgress } from '../contracts/job.ts';
import type { Publication } from '../contracts/model-version.ts';
import { asGraftError, ConflictError, errorJson, GraftError, RuntimeError } from '../errors.ts';
import type { JobAttempt, Log, ObjectStore, World } from '../ports.ts';
import { storeKeys } from '../store/store-keys.ts';
import { withAbortGracePeriod } from './abort-grace-period.ts';
import { advanceJob } from './advance-job.ts';
import { isEngineChoice } from './attempt-checkpoints.ts';
import { isPublishing, publishingPause, WORKER_STOPPED } from './attempt-limits.ts';
import { openEventLog } from './event-log.ts';
import { changeJob } from './job-store.ts';
import { failed, LEASE_SECONDS, leaseRenewed, publishing, succeeded } from './life-cycle.ts';
import { parseOrDrop } from './parse-or-drop.ts';
import { openTimeLimit, type TimeLimit } from './time-limit.ts';

/**
 * Key prefixes of results that a later attempt of the same job reuses. All except checkpoints are written once;
 * checkpoints are written only as a training progresses.
 */
const KEPT = [storeKeys.checkpoints, storeKeys.features, storeKeys.predictions].map(({ prefix }) => prefix);
/**
 * Why a job with a recorded version can never end well: the package was deleted, or it cannot be read, perhaps also where
 * its version is in the registry.
 */
const UNPUBLISHABLE: ReadonlySet<string> = new Set(['MODEL_PACKAGE_MISSING', 'DOCUMENT_UNREADABLE']);

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
   * @throws ConflictError ATTEMPT_REPLACED if the attempt was replaced or the job was cancelled
   */
  readonly beginPublishing: (publication: Publication) => Promise<void>;
}

/**
 * Runs one attempt: starts the job, renews its lease, records its events and its end. A replaced attempt writes nothing
 * more. The world that it passes to the work also records the lines of the log.
 * @param stop aborted if this process is asked to end (SIGTERM); if its reason is a GraftError, the job records that
 * @returns the job after the attempt, or undefined if the attempt was replaced
 */
export async function workOnJob(
  { job: id, attempt }: JobAttempt,
  work: (job: AnyJob, jobContext: JobContext, world: World) => Promise<AnyResult>,
  world: World,
  stop: AbortSignal,
): Promise<AnyJob | undefined> {
  const events = openEventLog({ job: id, attempt }, world);
  const now = () => world.clock.now();
  const replaced = new AbortController();
  const finish = new AbortController();
  let limit: TimeLimit | undefined;
  let progress: JobProgress | undefined;
  let interim: InterimResult | undefined;
  let kept = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let lastWritten = 0;

  const noteRequest = (job: AnyJob) => {
    if (isTraining(job) && job.finishRequested !== undefined) finish.abort();
  };
  const logDropped: Log = (event, values) => world.log(event, { job: id, attempt, ...values });
  const sendHeartbeat = () => {
    limit?.check();
    writing = writing
      .then(() => changeJob(world.store, id, (job) => leaseRenewed(job, attempt, now(), { progress, interim, kept })))
      .then(noteRequest)
      .catch((error) => {
        if (isReplaced(error)) replaced.abort(error);
        else world.log('lease.failed', { job: id, error: errorJson(error) });
      })
      .then(events.flush);
    lastWritten = now().getTime();
    return writing;
  };

  try {
    const job = await changeJob(world.store, id, (current) => leaseRenewed(current, attempt, now()));
    noteRequest(job);
    limit = isPublishing(job) ? undefined : openTimeLimit(job, world.clock);
    const signals = [replaced.signal, stop, ...(limit === undefined ? [] : [limit.signal])];
    const signal = AbortSignal.any(signals);
    const timer = setInterval(sendHeartbeat, (LEASE_SECONDS * 1000) / 3);
    try {
      const sendHeartbeatSoon = () => {
        limit?.check();
        if (now().getTime() - lastWritten >= 1000) sendHeartbeat();
      };
      const report = (said: JobProgress) => {
        progress = parseOrDrop(JobProgress, said, 'progress.dropped', logDropped) ?? progress;
        events.progress(said);
        sendHeartbeatSoon();
      };
      const reportInterim = (result: InterimResult) => {
        interim = parseOrDrop(InterimResult, result, 'interim.dropped', logDropped) ?? interim;
        events.interim(result);
        sendHeartbeat();
      };
      const onKept = () => {
        kept++;
        sendHeartbeatSoon();
      };
      const beginPublishing = async (publication: Publication) => {
        await changeJob(world.store, id, (current) => publishing(current, attempt, publication, now()));
        // The job ends with a version now, within seconds.
        limit = undefined;
      };
      const secondsLeft = () => limit?.secondsLeft() ?? Number.POSITIVE_INFINITY;
      const flush = async () => {
        limit?.check();
        await writing;
      };
      const given = { ...world, log: events.log, store: countKept(world.store, onKept) };
      const jobContext = { report, signal, finish: finish.signal, reportInterim, flush, secondsLeft, beginPublishing };
      const result = await withAbortGracePeriod(work(job, jobContext, given), signal);
      await writing;
      await events.flush();
      const done = await changeJob(world.store, id, (current) => succeeded(current, attempt, result, now()));
      await advanceJob(done, world);
      return done;
    } finally {
      clearInterval(timer);
      await writing;
    }
  } catch (error) {
    if (isReplaced(error) || replaced.signal.aborted) return undefined;
    const over = limit?.reason();
    const known = over ?? (stop.aborted ? stopped(stop.reason) : asGraftError(error));
    events.log('attempt.failed', { job: id, attempt, error: errorJson(known), stack: known.stack });
    await events.flush();
    const report = { ...errorJson(known), log: events.lastLines() };
    const retryable = over === undefined && (known.retryable || stop.aborted);
    // A job that has recorded its version publishes it, unless the version was deleted or damaged meanwhile.
    const isRetried = (current: AnyJob) => (isPublishing(current) ? !UNPUBLISHABLE.has(known.code) : retryable);
    try {
      const job = await changeJob(world.store, id, (current) => failed(current, attempt, report, isRetried(current), now()));
      await advanceJob(job, world, retryable ? 0 : publishingPause(job));
      return job;
    } catch (refused) {
      if (isReplaced(refused)) return undefined;
      throw refused;
    }
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

function isReplaced(error: unknown): boolean {
  return error instanceof ConflictError && error.code === 'ATTEMPT_REPLACED';
}

/** Wraps a store to count kept results. @param onKept called after each write of a result that a later attempt uses */
function countKept(store: ObjectStore, onKept: () => void): ObjectStore {
  return {
    ...store,
    async put(key, body, condition) {
      const written = await store.put(key, body, condition);
      if (KEPT.some((prefix) => key.startsWith(prefix)) && !isEngineChoice(key)) onKept();
      return written;
    },
  };
}
