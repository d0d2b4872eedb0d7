import type { AnyJob } from '../contracts/job.ts';
import { CapacityError, errorJson, GraftError } from '../errors.ts';
import type { Compute, JobAttempt, World } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { isRecent } from '../store/is-recent.ts';
import { listKeys } from '../store/list-keys.ts';
import { WORKER_STOPPED } from './attempt-limits.ts';
import { readLastLines } from './event-log.ts';
import { activeMark, changeJob, jobDocument } from './job-store.ts';
import { attemptLost, cancelled, hasEnded, isAbandoned, unstarted, withExtractionSeconds, withKept } from './life-cycle.ts';
import { queueWebhook } from './webhook-delivery.ts';

interface EndedAttempt {
  readonly stopped?: boolean;
  readonly kept?: number;
  readonly extractionSeconds?: number | undefined;
  readonly onlyIf?: (current: AnyJob) => boolean;
}

/**
 * Handles the end of an attempt that the compute target reported. If the worker has not recorded an end, another
 * attempt follows.
 * @param stopped whether Graft itself stopped it; then it does not count as lost
 * @param kept number of results that it kept for later attempts, besides those of its heartbeats
 * @param extractionSeconds that functions have worked for the job until now; known only if it has a limit of cost
 * @param onlyIf whether the attempt has ended by its present record; default: whatever that says
 * @returns whether this call ended the attempt
 */
export async function attemptEnded(
  { job: id, attempt }: JobAttempt,
  why: string,
  world: World,
  { stopped = false, kept = 0, extractionSeconds, onlyIf = () => true }: EndedAttempt = {},
): Promise<boolean> {
  // The lines only help to find the cause. Without them, too, another attempt must follow.
  const lines = await readLastLines({ job: id, attempt }, world.store).catch((unread: unknown) => {
    world.log('events.unread', { job: id, attempt, error: errorJson(unread) });
    return [];
  });
  const error = { ...(stopped ? workerStopped(why) : workerLost(why)), log: lines };
  let isOurs = false;
  const job = await changeJob(world.store, id, (current) => {
    isOurs = !hasEnded(current) && current.state !== 'SUBMITTED' && current.attempt === attempt && onlyIf(current);
    if (!isOurs) return undefined;
    return attemptLost(withExtractionSeconds(withKept(current, kept), extractionSeconds), attempt, error, world.clock.now());
  });
  await advanceJob(job, world);
  return isOurs;
}

/**
 * Handles an attempt that the compute target accepted but never ran. Another attempt follows, and this one does not
 * count as lost. Does nothing if its worker has started meanwhile.
 * @returns whether this call ended the attempt
 */
async function attemptNeverStarted({ job: id, attempt }: JobAttempt, world: World): Promise<boolean> {
  let isOurs = false;
  const job = await changeJob(world.store, id, (current) => {
    const now = world.clock.now();
    isOurs = current.state === 'STARTING' && current.attempt === attempt && isAbandoned(current, now);
    return isOurs ? unstarted(current, attempt, notStarted(id), now) : undefined;
  });
  await advanceJob(job, world);
  return isOurs;
}

/**
 * Cancels a job. The record changes first, so an unreachable worker learns of it at its next heartbeat.
 * @throws ConflictError JOB_PUBLISHING if it is about to publish its model; NotFoundError JOB_NOT_FOUND
 */
export async function cancelJob(id: string, compute: Compute, world: World): Promise<AnyJob> {
  let handle: string | undefined;
  const job = await changeJob(world.store, id, (current) => {
    handle = current.handle;
    return cancelled(current, world.clock.now());
  });
  await advanceJob(job, world);
  if (handle !== undefined && job.state === 'CANCELLED') await stopWorker(handle, job, compute, world);
  return job;
}

/** Stops a worker. One that cannot be stopped from here exits when it finds that its job is cancelled. */
async function stopWorker(handle: string, { id }: AnyJob, compute: Compute, { log }: World): Promise<void> {
  await compute.stop(handle).catch((error: unknown) => log('stop.failed', { job: id, handle, error: errorJson(error) }));
}

/**
 * Finds unfinished jobs without a worker, whatever died. It sends submitted jobs again, replaces attempts whose lease
 * expired or that the compute target reports as ended, and removes the marks of jobs that have ended.
 * @returns the number of unfinished jobs
 * @param staleSeconds how long a submitted job may wait on the queue before its message counts as lost
 */
export async function reconcileJobs(compute: Compute, world: World, { staleSeconds }: { staleSeconds: number }): Promise<number> {
  const prefix = activeMark('');
  let active = 0;
  for await (const { key } of listKeys(world.store, prefix)) {
    const job = key.slice(prefix.length);
    if (await reconcileJob(job, compute, world, staleSeconds).catch((error: unknown) => skipJob(job, error, world))) active++;
  }
  return active;
}

const UNREADABLE: readonly string[] = ['DOCUMENT_UNREADABLE', 'DOCUMENT_VERSION_UNSUPPORTED'];

/**
 * Logs a job that cannot be reconciled now, so that it does not block other jobs.
 * @returns whether it is unfinished, which is unknown for an unreadable record
 */
function skipJob(job: string, error: unknown, { log }: World): boolean {
  log('reconcile.skipped', { job, error: errorJson(error) });
  return !(error instanceof GraftError && UNREADABLE.includes(error.code));
}

/**
 * Reconciles one job.
 * @returns whether the job is unfinished
 */
async function reconcileJob(id: string, compute: Compute, world: World, staleSeconds: number): Promise<boolean> {
  const job = await readDocument(world.store, jobDocument, id);
  // A submission may be between mark and record. A mark without a record costs one read.
  if (job === undefined) return false;
  if (hasEnded(job)) {
    await advanceJob(job, world);
    return false;
  }
  if (job.state === 'SUBMITTED') await resend(job, world, staleSeconds);
  else await replaceAbandoned(job, compute, world, staleSeconds);
  return true;
}

/**
 * Replaces an attempt that ended without an error. An expired lease decides only if the compute target does not know
 * the state, because a worker may compute for a long time. An attempt that has never sent a heartbeat by then was never
 * run.
 */
async function replaceAbandoned(job: AnyJob, compute: Compute, world: World, staleSeconds: number): Promise<void> {
  const state = job.handle === undefined ? 'unknown' : await compute.state(job.handle);
  const attempt = { job: job.id, attempt: job.attempt };
  if (state === 'ended') return void (await attemptEnded(attempt, 'it gave no sign of life', world));
  if (state === 'alive') return resendAttempt(job, compute, world, staleSeconds);
  if (!isAbandoned(job, world.clock.now())) return;
  const onlyIf = (current: AnyJob) => isAbandoned(current, world.clock.now());
  const isReplaced =
    job.state === 'STARTING'
      ? await attemptNeverStarted(attempt, world)
      : await attemptEnded(attempt, 'it gave no sign of life', world, { onlyIf });
  // It may only hang. Its record refuses what it does now, but it still takes memory and processors from its successor.
  if (isReplaced && job.handle !== undefined) await stopWorker(job.handle, job, compute, world);
}

/** Sends messages of an attempt that has not started again, if they may be lost, and notes the time in its record. */
async function resendAttempt(job: AnyJob, compute: Compute, world: World, staleSeconds: number): Promise<void> {
  const { id, state, attempt, handle, updatedAt } = job;
  if (state !== 'STARTING' || handle === undefined || isRecent(updatedAt, staleSeconds, world.clock.now())) return;
  if (!(await compute.resend?.(handle, new Date(updatedAt)))) return;
  await changeJob(world.store, id, (current) =>
    current.state === 'STARTING' && current.attempt === attempt
      ? { ...current, updatedAt: world.clock.now().toISOString() }
      : undefined,
  );
}

async function resend(job: AnyJob, world: World, staleSeconds: number): Promise<void> {
  const now = world.clock.now();
  if (isRecent(job.updatedAt, staleSeconds, now)) return;
  // The new time keeps the next round from sending the job again.
  const waiting = await changeJob(world.store, job.id, (current) =>
    current.state === 'SUBMITTED' ? { ...current, updatedAt: now.toISOString() } : undefined,
  );
  await advanceJob(waiting, world);
}

/**
 * Handles a changed job: queues a job that is to be retried; for a job that has ended, queues the webhook and removes
 * the mark.
 * @param delaySeconds before the job is retried
 */
export async function advanceJob(job: AnyJob, world: World, delaySeconds = 0): Promise<void> {
  if (hasEnded(job)) {
    await queueWebhook(job, world);
    await world.store.delete(activeMark(job.id));
  } else if (job.state === 'SUBMITTED') {
    await world.queues.trainings.send({ type: 'train', job: job.id, attempts: job.attempt }, { delaySeconds });
  }
}

function notStarted(at: string) {
  return errorJson(
    new CapacityError('ATTEMPT_NOT_STARTED', {
      at,
      expected: 'a machine or function that runs the attempt',
      received: 'no sign of life within the time that it may wait',
      fix: 'nothing: another attempt follows',
    }),
  );
}

function workerLost(why: string) {
  return {
    code: 'WORKER_LOST',
    message: `The worker ended before the job did: ${why}.`,
    fix: 'nothing: another attempt follows',
  };
}

function workerStopped(why: string) {
  return {
    code: WORKER_STOPPED,
    message: `The worker was stopped before the job ended: ${why}.`,
    fix: 'nothing: another attempt continues where this one stopped',
  };
}
