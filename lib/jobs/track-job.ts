import type { AnyJob } from '../contracts/job.ts';
import { readDocument } from '../documents.ts';
import { errorJson, GraftError } from '../errors.ts';
import { listKeys } from '../list-keys.ts';
import type { Compute, JobAttempt, World } from '../ports.ts';
import { announceEnd } from './announce-end.ts';
import { readLastLines } from './event-log.ts';
import { cancelled, hasEnded, isAbandoned, lost } from './job-life.ts';
import { activeMark, changeJob, jobDocument, readJob } from './job-store.ts';

/** The compute says that an attempt is over. Where its worker said nothing of the kind, it was lost: another attempt follows. */
export async function attemptEnded({ job: id, attempt }: JobAttempt, why: string, world: World): Promise<AnyJob> {
  const lines = await readLastLines({ job: id, attempt }, world.store);
  const job = await changeJob(world.store, id, (current) =>
    hasEnded(current) || current.state === 'SUBMITTED' || current.attempt !== attempt
      ? undefined
      : lost(current, attempt, workerLost(why, lines), world.clock.now()),
  );
  await settle(job, world);
  return job;
}

/** Cancels a job that has not ended. The record comes first: a worker that cannot be reached finds out at its next sign of life. */
export async function cancelJob(id: string, compute: Compute, world: World): Promise<AnyJob> {
  const { handle } = await readJob(world.store, id);
  const job = await changeJob(world.store, id, (current) => cancelled(current, world.clock.now()));
  if (handle !== undefined) await compute.stop(handle);
  await settle(job, world);
  return job;
}

/**
 * Finds jobs that nobody works on although somebody should, whatever died: sends a submitted job again, replaces an attempt whose
 * lease ran out or that its compute says has ended, and removes the marks of jobs that have ended.
 * @returns how many jobs are still to be done
 * @param staleSeconds how long a submitted job may wait on the queue before its message is taken for lost
 */
export async function reconcileJobs(compute: Compute, world: World, { staleSeconds }: { staleSeconds: number }): Promise<number> {
  const prefix = activeMark('');
  let active = 0;
  for await (const { key } of listKeys(world.store, prefix)) {
    const job = key.slice(prefix.length);
    const isOpen = await reconcileJob(job, compute, world, staleSeconds).catch((error: unknown) => passOver(job, error, world));
    if (isOpen) active++;
  }
  return active;
}

const UNREADABLE: readonly string[] = ['DOCUMENT_UNREADABLE', 'DOCUMENT_NEWER'];

/** One record that nobody can read keeps no other job waiting. @returns that there is nothing to be done for it */
function passOver(job: string, error: unknown, { log }: World): false {
  if (!(error instanceof GraftError) || !UNREADABLE.includes(error.code)) throw error;
  log('reconcile.passed-over', { job, error: errorJson(error) });
  return false;
}

/** @returns whether the job is still to be done */
async function reconcileJob(id: string, compute: Compute, world: World, staleSeconds: number): Promise<boolean> {
  const job = await readDocument(world.store, jobDocument, id);
  // Between mark and record, a submit may be under way; a mark without a record costs one read.
  if (job === undefined) return false;
  if (hasEnded(job)) {
    await settle(job, world);
    return false;
  }
  if (job.state === 'SUBMITTED') await resend(job, world, staleSeconds);
  else if (await isGone(job, compute, world))
    await attemptEnded({ job: id, attempt: job.attempt }, 'it gave no sign of life', world);
  return true;
}

async function resend(job: AnyJob, world: World, staleSeconds: number): Promise<void> {
  const now = world.clock.now();
  if (now.getTime() - Date.parse(job.updatedAt) < staleSeconds * 1000) return;
  // The new time keeps the next round from sending again.
  const waiting = await changeJob(world.store, job.id, (current) =>
    current.state === 'SUBMITTED' ? { ...current, updatedAt: now.toISOString() } : undefined,
  );
  await settle(waiting, world);
}

/** A lease that ran out says that a worker is dead only where nobody knows better: it may be computing for a long time. */
async function isGone(job: AnyJob, compute: Compute, world: World): Promise<boolean> {
  const state = job.handle === undefined ? 'unknown' : await compute.state(job.handle);
  return state === 'ended' || (state === 'unknown' && isAbandoned(job, world.clock.now()));
}

/** What follows a change: a job that is to be tried again goes back on the queue, one that has ended calls its webhook and loses its mark. */
export async function settle(job: AnyJob, world: World): Promise<void> {
  if (hasEnded(job)) {
    await announceEnd(job, world);
    await world.store.delete(activeMark(job.id));
  } else if (job.state === 'SUBMITTED') {
    await world.queues.trainings.send({ type: 'train', job: job.id, attempts: job.attempt });
  }
}

function workerLost(why: string, log: string[]) {
  return {
    code: 'WORKER_LOST',
    message: `The worker ended before the job did: ${why}.`,
    fix: 'nothing: another attempt follows',
    log,
  };
}
