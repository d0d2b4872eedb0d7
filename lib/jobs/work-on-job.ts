import type { AnyJob, AnyResult, JobProgress } from '../contracts/job.ts';
import { asGraftError, ConflictError, errorJson, GraftError } from '../errors.ts';
import type { JobAttempt, World } from '../ports.ts';
import { openEventLog } from './event-log.ts';
import { alive, failed, LEASE_SECONDS, succeeded } from './job-life.ts';
import { changeJob } from './job-store.ts';
import { openTimeLimit, type TimeLimit } from './time-limit.ts';
import { settle } from './track-job.ts';

/** What the worker hands to the work. */
export interface Watch {
  /** Says what the job does; written at most once a second, and at least as often as the lease wants. */
  readonly report: (progress: JobProgress) => void;
  /** Waits for a word that is being written; whoever computes for long awaits it now and then, or the lease runs out. */
  readonly settled: () => Promise<void>;
  /** Aborted when the attempt was replaced, the job was cancelled or has taken what it may, or the process must end. */
  readonly signal: AbortSignal;
}

/**
 * Runs one attempt: takes the job up, keeps its lease, tells its events, and writes how it ended. An attempt that was replaced
 * writes nothing more. The world that it hands to the work keeps the lines of the log.
 * @param stop aborted when this process is asked to end (SIGTERM); where its reason is an error of ours, the job tells that
 * @returns the job as the attempt left it, or undefined where the attempt was replaced
 */
export async function workOnJob(
  { job: id, attempt }: JobAttempt,
  work: (job: AnyJob, watch: Watch, world: World) => Promise<AnyResult>,
  world: World,
  stop: AbortSignal,
): Promise<AnyJob | undefined> {
  const events = openEventLog({ job: id, attempt }, world);
  const now = () => world.clock.now();
  const replaced = new AbortController();
  let limit: TimeLimit | undefined;
  let progress: JobProgress | undefined;
  let writing: Promise<unknown> = Promise.resolve();
  let lastWritten = 0;

  const sayAlive = () => {
    limit?.check();
    writing = writing
      .then(() => changeJob(world.store, id, (job) => alive(job, attempt, now(), progress)))
      .catch((error) => {
        if (isReplaced(error)) replaced.abort(error);
        else world.log('lease.failed', { job: id, error: errorJson(error) });
      })
      .then(events.flush);
    lastWritten = now().getTime();
    return writing;
  };

  try {
    const job = await changeJob(world.store, id, (current) => alive(current, attempt, now()));
    limit = openTimeLimit(job, world.clock);
    const signal = AbortSignal.any([replaced.signal, limit.signal, stop]);
    const heartbeat = setInterval(sayAlive, (LEASE_SECONDS * 1000) / 3);
    try {
      const report = (said: JobProgress) => {
        progress = said;
        events.progress(said);
        limit?.check();
        if (now().getTime() - lastWritten >= 1000) sayAlive();
      };
      const settled = async () => {
        limit?.check();
        await writing;
      };
      const result = await work(job, { report, signal, settled }, { ...world, log: events.log });
      await writing;
      await events.flush();
      const done = await changeJob(world.store, id, (current) => succeeded(current, attempt, result, now()));
      await settle(done, world);
      return done;
    } finally {
      clearInterval(heartbeat);
      await writing;
    }
  } catch (error) {
    if (isReplaced(error) || replaced.signal.aborted) return undefined;
    const over = limit?.reason();
    const asked = stop.reason instanceof GraftError ? stop.reason : undefined;
    const known = over ?? asked ?? asGraftError(error);
    events.log('attempt.failed', { job: id, attempt, error: errorJson(known), stack: known.stack });
    await events.flush();
    const told = { ...errorJson(known), log: events.lastLines() };
    const retryable = over === undefined && (known.retryable || stop.aborted);
    const job = await changeJob(world.store, id, (current) => failed(current, attempt, told, retryable, now()));
    await settle(job, world);
    return job;
  }
}

function isReplaced(error: unknown): boolean {
  return error instanceof ConflictError && error.code === 'ATTEMPT_REPLACED';
}
