import { asGraftError, errorJson, type GraftError } from '../errors.ts';
import type { Compute, JobAttempt, World } from '../ports.ts';
import { unstartedOf } from './attempt-limits.ts';
import { changeJob, readJob } from './job-store.ts';
import { claimed, failed, hasEnded, started, unstarted } from './life-cycle.ts';
import { acquireSlot } from './slots.ts';
import { advanceJob } from './track-job.ts';

/**
 * Takes a submitted job and starts its next attempt. A message that comes twice, or for a job that somebody has or that has ended,
 * does nothing. Dying between claim and start is safe: the lease runs out, and reconcile() sends the job again. A job for which there is no
 * room, or that cannot be started now, goes back on the queue as a new message, so that waiting never makes a dead letter.
 * @throws what the compute throws where no further try can help: the job has failed with that reason
 * @returns the attempt's number, or undefined where nothing was started
 */
export async function dispatchJob(id: string, compute: Compute, world: World): Promise<number | undefined> {
  const waiting = await readJob(world.store, id);
  if (waiting.state !== 'SUBMITTED') return undefined;
  const limit = await compute.limit?.({ job: id, attempt: waiting.attempt + 1 });
  if (limit !== undefined && !(await acquireSlot({ job: id, attempt: waiting.attempt + 1 }, limit, world))) {
    world.log('dispatch.no-room', { job: id, pool: limit.pool, most: limit.most, waitSeconds: limit.waitSeconds });
    await sendLater({ job: id, attempt: waiting.attempt }, limit.waitSeconds, world);
    return undefined;
  }
  let attempt: number | undefined;
  await changeJob(world.store, id, (job) => {
    const next = claimed(job, world.clock.now());
    attempt = next?.attempt;
    return next;
  });
  if (attempt === undefined) return undefined;
  const ownAttempt = attempt;
  let handle: string;
  try {
    handle = await compute.start({ job: id, attempt: ownAttempt });
  } catch (error) {
    await startFailed({ job: id, attempt: ownAttempt }, asGraftError(error), world);
    return undefined;
  }
  await changeJob(world.store, id, (job) => started(job, ownAttempt, handle, world.clock.now()));
  world.log('attempt.started', { job: id, attempt: ownAttempt, handle });
  return ownAttempt;
}

/** A start that may succeed later is tried again, each time after a longer wait. @throws `error` where no further try can help */
async function startFailed({ job: id, attempt }: JobAttempt, error: GraftError, world: World): Promise<void> {
  const reported = errorJson(error);
  const job = await changeJob(world.store, id, (current) => {
    if (hasEnded(current) || current.attempt !== attempt) return undefined;
    const now = world.clock.now();
    return error.retryable ? unstarted(current, attempt, reported, now) : failed(current, attempt, reported, false, now);
  });
  if (hasEnded(job)) {
    await advanceJob(job, world);
    throw error;
  }
  if (job.state !== 'SUBMITTED' || job.attempt !== attempt) return;
  const seconds = Math.min(FIRST_PAUSE_SECONDS * 2 ** (unstartedOf(job) - 1), LONGEST_PAUSE_SECONDS);
  world.log('start.failed', { job: id, attempt, again: seconds, error: reported });
  await sendLater({ job: id, attempt }, seconds, world);
}

const FIRST_PAUSE_SECONDS = 15;
/** The longest that SQS delays a message. */
const LONGEST_PAUSE_SECONDS = 900;

async function sendLater({ job, attempt }: JobAttempt, delaySeconds: number, { queues }: World): Promise<void> {
  await queues.trainings.send({ type: 'train', job, attempts: attempt }, { delaySeconds });
}
