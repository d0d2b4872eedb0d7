import { mapInOrder } from '../concurrency.ts';
import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import { errorJson, GraftError } from '../errors.ts';
import type { Compute, World } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { isRecent } from '../store/is-recent.ts';
import { listKeys } from '../store/list-keys.ts';
import { advanceJob } from './advance-job.ts';
import { endAttempt } from './end-attempt.ts';
import { activeMark, changeJob, jobDocument } from './job-store.ts';
import { HUNG_SECONDS, isAbandoned, isOverdue } from './life-cycle.ts';
import { COLD_START_SECONDS } from './start-lease.ts';
import { stopWorker } from './stop-worker.ts';

/**
 * Finds unfinished jobs without a worker, whatever died. It sends submitted jobs again, replaces attempts whose lease
 * expired or that the compute target reports as ended, and removes the marks of jobs that have ended.
 * @returns the number of unfinished jobs
 * @param staleSeconds how long a submitted job may wait on the queue before its message counts as lost
 */
export async function reconcileJobs(compute: Compute, world: World, { staleSeconds }: { staleSeconds: number }): Promise<number> {
  const prefix = activeMark('');
  const jobs: string[] = [];
  for await (const { key } of listKeys(world.store, prefix)) jobs.push(key.slice(prefix.length));
  const reconcile = (job: string) =>
    reconcileJob(job, staleSeconds, compute, world).catch((error: unknown) => skipJob(job, error, world));
  let active = 0;
  for await (const isUnfinished of mapInOrder(rotated(jobs, world.clock.now()), JOBS_AT_ONCE, reconcile))
    if (isUnfinished) active++;
  return active;
}

const JOBS_AT_ONCE = 16;
/** The fractional parts of its multiples spread evenly, so consecutive runs begin far from each other. */
const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * Returns the items from another beginning in each minute. Where there are more jobs than the tracker handles before its
 * function's time is over, each job still has its turn. In the order of the keys, newest first, those that are running
 * would have none.
 */
function rotated<Item>(items: readonly Item[], now: Date): Item[] {
  const minute = Math.floor(now.getTime() / 60_000);
  const first = Math.floor(((minute * GOLDEN_RATIO) % 1) * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
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
async function reconcileJob(id: string, staleSeconds: number, compute: Compute, world: World): Promise<boolean> {
  const job = await readDocument(world.store, jobDocument, id);
  // A submission may be between mark and record. A mark without a record costs one read.
  if (job === undefined) return false;
  if (hasEnded(job)) {
    await advanceJob(job, world);
    return false;
  }
  if (job.state === 'SUBMITTED') await resend(job, staleSeconds, world);
  else await replaceAbandoned(job, staleSeconds, compute, world);
  return true;
}

/**
 * Replaces an attempt that ended without an error. An expired lease decides only if the compute target does not know
 * the state, because a worker may compute for a long time, or if it expired so long ago that the worker hangs. An
 * attempt that has never sent a heartbeat by then was never
 * run.
 */
async function replaceAbandoned(job: AnyJob, staleSeconds: number, compute: Compute, world: World): Promise<void> {
  const state = job.handle === undefined ? 'unknown' : await compute.state(job.handle);
  const attempt = { job: job.id, attempt: job.attempt };
  if (state === 'unstarted') return void (await endAttempt(attempt, 'it got no machine', world, { countsAs: 'unstarted' }));
  if (state === 'ended') return void (await endAttempt(attempt, 'it gave no sign of life', world));
  if (state === 'alive' && isOverdue(job, world.clock.now())) return replaceHung(job, compute, world);
  if (state === 'alive' || state === 'waiting') return resendAttempt(job, staleSeconds, compute, world);
  if (!isAbandoned(job, world.clock.now())) return;
  const onlyIf = (current: AnyJob) => isAbandoned(current, world.clock.now());
  // It may only hang. Its record refuses what it does now, but it still takes memory and processors from its successor.
  const stop = () => stopWorkerOf(job, compute, world);
  const countsAs = job.state === 'STARTING' ? 'unstarted' : 'lost';
  await endAttempt(attempt, 'it gave no sign of life', world, { countsAs, onlyIf, stop });
}

async function stopWorkerOf(job: AnyJob, compute: Compute, world: World): Promise<void> {
  if (job.handle !== undefined) await stopWorker(job.handle, job, compute, world);
}

/**
 * Replaces a worker that hangs. Its lease alone does not tell: after its machine was suspended, or if its clock is slow,
 * the lease looks the same although the worker goes on. So the first run that finds the lease only notes that, as the
 * time of the record. A worker that goes on writes over the note with its next heartbeat, within seconds. A later run
 * ends the attempt if nobody has, unless so much time has passed that the machine may have been suspended again.
 */
async function replaceHung(job: AnyJob, compute: Compute, world: World): Promise<void> {
  const { id, attempt, handle, updatedAt, leaseUntil = '' } = job;
  const now = world.clock.now();
  const isNoted = Date.parse(updatedAt) > Date.parse(leaseUntil) && isRecent(updatedAt, HUNG_SECONDS, now);
  const onlyIf = (current: AnyJob) => current.leaseUntil === leaseUntil && isOverdue(current, now);
  if (!isNoted) {
    await changeJob(id, world.store, (current) => (onlyIf(current) ? { ...current, updatedAt: now.toISOString() } : undefined));
    return;
  }
  if (isRecent(updatedAt, COLD_START_SECONDS, now)) return;
  const why = `it hung, without a sign of life for ${HUNG_SECONDS / 60} minutes`;
  const stop = () => {
    world.log('attempt.hung', { job: id, attempt, handle, leaseUntil });
    return stopWorkerOf(job, compute, world);
  };
  await endAttempt({ job: id, attempt }, why, world, { onlyIf, stop });
}

/** Sends messages of an attempt that has not started again, if they may be lost, and notes the time in its record. */
async function resendAttempt(job: AnyJob, staleSeconds: number, compute: Compute, world: World): Promise<void> {
  const { id, state, attempt, handle, updatedAt } = job;
  if (state !== 'STARTING' || handle === undefined || isRecent(updatedAt, staleSeconds, world.clock.now())) return;
  if (!(await compute.resend?.(handle, new Date(updatedAt)))) return;
  await changeJob(id, world.store, (current) =>
    current.state === 'STARTING' && current.attempt === attempt
      ? { ...current, updatedAt: world.clock.now().toISOString() }
      : undefined,
  );
}

async function resend(job: AnyJob, staleSeconds: number, world: World): Promise<void> {
  const now = world.clock.now();
  if (isRecent(job.updatedAt, staleSeconds, now)) return;
  // The new time keeps the next round from sending the job again.
  const { after } = await changeJob(job.id, world.store, (current) =>
    current.state === 'SUBMITTED' ? { ...current, updatedAt: now.toISOString() } : undefined,
  );
  await advanceJob(after, world);
}
