import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import { asGraftError, errorJson, type GraftError } from '../errors.ts';
import type { Compute, ComputeLimit, JobAttempt, World } from '../ports.ts';
import { isRecent } from '../store/is-recent.ts';
import { advanceJob } from './advance-job.ts';
import { unstartedPause } from './attempt-limits.ts';
import { changeJob, readJob } from './job-store.ts';
import { claimed, failed, isCurrent, limitExceeded, started, unstarted } from './life-cycle.ts';
import { STALE_SECONDS } from './message-times.ts';
import { acquireSlot } from './slots.ts';
import { stopWorker } from './stop-worker.ts';
import { limitReached } from './time-limit.ts';

/**
 * Claims a submitted job and starts its next attempt. Does nothing if the message is a duplicate, or if the job is
 * already claimed or has ended. A crash between claim and start is safe: the lease expires, and reconcileJobs() sends
 * the job again. If there is no room, no slot, or the start fails temporarily, the job goes back on the queue as a new message,
 * so waiting never makes a dead letter. If the job is cancelled or the attempt is replaced before the start returns its
 * handle, nobody else can stop the worker, which may be waiting for a machine: it is stopped here.
 * @throws the error of the compute if a retry cannot help; the job has failed with that reason
 * @returns the attempt's number, or undefined if nothing was started, or it was stopped at once
 * @example
 * ```ts
 * const attempt = await dispatchJob(message.job, compute, world); // 1 for a new job
 * ```
 */
export async function dispatchJob(id: string, compute: Compute, world: World): Promise<number | undefined> {
  const waiting = await readJob(id, world.store);
  if (waiting.state !== 'SUBMITTED') return undefined;
  const over = limitReached(waiting, world.clock.now());
  if (over !== undefined) {
    await failOverLimit(id, over, world);
    return undefined;
  }
  const noRoom = await compute.requireRoom?.().then(() => undefined, asGraftError);
  if (noRoom !== undefined) {
    await waitForRoom({ job: id, attempt: waiting.attempt }, noRoom, world);
    return undefined;
  }
  const limit = await compute.limit?.({ job: id, attempt: waiting.attempt + 1 });
  if (limit !== undefined && !(await acquireSlot({ job: id, attempt: waiting.attempt + 1 }, limit, world))) {
    await waitForSlot(waiting, limit, world);
    return undefined;
  }
  const claim = await changeJob(id, world.store, (job) => claimed(job, world.clock.now()));
  // Another dispatcher may have claimed the same attempt.
  if (!claim.isChanged) return undefined;
  const { attempt } = claim.after;
  let handle: string;
  try {
    handle = await compute.start({ job: id, attempt });
  } catch (error) {
    await startFailed({ job: id, attempt }, asGraftError(error), world);
    return undefined;
  }
  const { after: job } = await changeJob(id, world.store, (current) => started(current, attempt, handle, world.clock.now()));
  if (job.state !== 'SUCCEEDED' && !isCurrent(job, attempt)) {
    world.log('attempt.stopped', { job: id, attempt, handle, state: job.state, current: job.attempt });
    await stopWorker(handle, job, compute, world);
    return undefined;
  }
  world.log('attempt.started', { job: id, attempt, handle });
  return attempt;
}

/** Fails a job whose earlier attempts have used up its limit: a machine that starts would cost more. */
async function failOverLimit(id: string, error: GraftError, world: World): Promise<void> {
  const reported = errorJson(error);
  world.log('dispatch.over-limit', { job: id, error: reported });
  const { after } = await changeJob(id, world.store, (job) => limitExceeded(job, reported, world.clock.now()));
  await advanceJob(after, world);
}

/**
 * Keeps a job waiting for a slot. Its record is renewed only when its time gets old: on one machine, a job looks for a
 * slot every second.
 */
async function waitForSlot({ id, attempt, updatedAt }: AnyJob, limit: ComputeLimit, world: World): Promise<void> {
  const { pool, most, waitSeconds } = limit;
  world.log('dispatch.no-room', { job: id, pool, most, waitSeconds });
  if (!isRecent(updatedAt, STALE_SECONDS / 2, world.clock.now())) await recordWaiting(id, world);
  await sendLater({ job: id, attempt }, waitSeconds, world);
}

/**
 * Keeps a job waiting, with the reason in its record.
 * @throws `error` if it is not retryable
 */
async function waitForRoom({ job: id, attempt }: JobAttempt, error: GraftError, world: World): Promise<void> {
  if (!error.retryable) throw error;
  const reported = errorJson(error);
  world.log('dispatch.no-room', { job: id, waitSeconds: ROOM_SECONDS, error: reported });
  await recordWaiting(id, world, { error: { ...reported } });
  await sendLater({ job: id, attempt }, ROOM_SECONDS, world);
}

/** Renews the time of a waiting job's record, which tells reconcileJobs() that the job has a message. */
async function recordWaiting(id: string, world: World, reason: Pick<AnyJob, 'error'> = {}): Promise<void> {
  await changeJob(id, world.store, (job) =>
    job.state === 'SUBMITTED' ? { ...job, ...reason, updatedAt: world.clock.now().toISOString() } : undefined,
  ).catch((failure: unknown) => world.log('dispatch.not-recorded', { job: id, error: errorJson(failure) }));
}

/** Retries a start that may succeed later, each time after a longer wait. @throws `error` if a retry cannot help */
async function startFailed({ job: id, attempt }: JobAttempt, error: GraftError, world: World): Promise<void> {
  const reported = errorJson(error);
  const { after: job } = await changeJob(id, world.store, (current) => {
    if (hasEnded(current) || current.attempt !== attempt) return undefined;
    const now = world.clock.now();
    return error.retryable ? unstarted(current, attempt, reported, now) : failed(current, attempt, reported, now);
  });
  if (hasEnded(job)) {
    await advanceJob(job, world);
    throw error;
  }
  if (job.state !== 'SUBMITTED' || job.attempt !== attempt) return;
  const seconds = unstartedPause(job);
  world.log('start.failed', { job: id, attempt, again: seconds, error: reported });
  await sendLater({ job: id, attempt }, seconds, world);
}

/** A job without room looks again after this time. */
const ROOM_SECONDS = 30;

async function sendLater({ job, attempt }: JobAttempt, delaySeconds: number, { queues }: World): Promise<void> {
  await queues.trainings.send({ type: 'train', job, attempts: attempt }, { delaySeconds });
}
