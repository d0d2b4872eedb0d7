import { setTimeout as wait } from 'node:timers/promises';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import type { AnyJob, JobState } from '../../lib/contracts/job.ts';
import type { JobEvent, JobEvents } from '../../lib/contracts/job-event.ts';
import { GraftError } from '../../lib/errors.ts';
import { duration } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { announceInterim } from '../describe/describe-interim.ts';
import { describeEpoch, describeProgress, describeTrial } from '../describe/describe-progress.ts';
import { keepWorker } from '../keep-worker.ts';
import { onInterrupt } from '../on-interrupt.ts';
import type { Output } from '../output.ts';

/** A job to follow, with its state if that is known. */
export interface FollowedJob {
  readonly id: string;
  readonly state?: JobState;
}

export interface FollowOptions {
  /** Whether to show the lines of the job's log. */
  readonly log?: boolean;
  /** Default: the requests about a known job are repeated every 5 seconds, for a quarter of an hour. */
  readonly outage?: OutageOptions;
}

/** How a command waits for an API that does not respond, or cannot for now. */
export interface OutageOptions {
  /** Milliseconds of retries. */
  readonly patienceMs: number;
  readonly retryMs: number;
}

const MS_BETWEEN_QUESTIONS = 200;
const OUTAGE: OutageOptions = { patienceMs: 15 * 60_000, retryMs: 5000 };

/**
 * Shows a job until it ends: its epochs as lines, its progress below them. Ctrl-C leaves it running. If the worker of
 * this machine's data folder has died, starts another one, which continues the job. If the API does not respond for
 * a while, goes on when it does again.
 * @throws the error of the API; a note before it says that the job goes on, if the job is known to exist
 * @returns undefined if detached, which is reported, with --json as `{job, state}`, without a state if none is known
 */
export async function followJob(
  { id, state: known }: FollowedJob,
  context: Context,
  output: Output,
  { log = false, outage = OUTAGE }: FollowOptions = {},
): Promise<AnyJob | undefined> {
  const { client, store } = context;
  const detach = new AbortController();
  const restoreInterrupt = onInterrupt(() => detach.abort());
  const quietOf = quietSeconds({ sameClock: store !== undefined });
  const lookAfterWorker = keepWorker(context);
  let state = known;
  try {
    for (let after: string | undefined; ; ) {
      const request = () => readJob(id, after, client, detach.signal);
      // The first request for an id that the user typed fails at once, for example if the address of the API is wrong.
      const read = state === undefined ? await request() : await repeatInOutage(request, outage, output, detach.signal);
      if (read === undefined) break;
      const { job, events, next, ended } = read;
      state = job.state;
      for (const event of events) printEvent(event, job, log, output);
      if (ended) return job;
      if (detach.signal.aborted) break;
      output.progress(describeProgress(job, quietOf(job)));
      lookAfterWorker();
      if (events.length === 0) await wait(MS_BETWEEN_QUESTIONS, undefined, { signal: detach.signal }).catch(() => undefined);
      after = next;
    }
  } catch (error) {
    // Without a state, the job may not exist.
    if (state !== undefined && !hasEnded({ state })) output.note(`The job goes on:\n  graft job ${id} --follow`);
    throw error;
  } finally {
    restoreInterrupt();
    output.endProgress();
  }
  output.note(`The job goes on. Come back to it:\n  graft job ${id} --follow`);
  output.script({ job: id, state }, '');
  return undefined;
}

/**
 * Sends a request, and repeats it while it fails for now, with a note at the first failure.
 * @returns undefined if the signal ends the wait
 * @throws the error of a request that cannot succeed, or that still fails in the end
 */
async function repeatInOutage<Result>(
  request: () => Promise<Result>,
  { patienceMs, retryMs }: OutageOptions,
  output: Output,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const begun = performance.now();
  for (let tries = 1; !signal.aborted; tries++) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof GraftError) || !error.retryable || performance.now() - begun > patienceMs) throw error;
      if (tries === 1) output.note(`${error.message}\nThe command tries again for ${duration(patienceMs / 1000)}.`);
    }
    await wait(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Reads a job and its new events. @returns undefined if the signal cancelled a request */
async function readJob(
  id: string,
  after: string | undefined,
  { jobs }: Context['client'],
  signal: AbortSignal,
): Promise<(JobEvents & { readonly job: AnyJob }) | undefined> {
  try {
    const page = await jobs.events(id, { after }, { signal });
    return { ...page, job: await jobs.get(id, { signal }) };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/**
 * Seconds since the last report of a job's worker.
 * @param sameClock whether the times of the record are of this machine; otherwise only the time that passes here counts
 */
function quietSeconds({ sameClock }: { readonly sameClock: boolean }): (job: AnyJob) => number {
  let last: { updatedAt: string; since: number } | undefined;
  return ({ updatedAt }) => {
    if (last?.updatedAt !== updatedAt) last = { updatedAt, since: sameClock ? Date.parse(updatedAt) : Date.now() };
    return Math.max(0, (Date.now() - last.since) / 1000);
  };
}

function printEvent(event: JobEvent, job: AnyJob, log: boolean, output: Output): void {
  if (event.type === 'epoch') output.detail(describeEpoch(event));
  if (event.type === 'trial') output.detail(describeTrial(event));
  if (event.type === 'interim') output.note(announceInterim(event, job));
  if (event.type === 'log' && log) output.detail(event.line);
  // A successful start is visible in the progress.
  if (event.type === 'state' && event.code !== undefined) output.note(`attempt ${event.attempt} ended: ${event.code}`);
}
