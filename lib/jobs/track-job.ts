import type { JobRecord } from '../contracts/job.ts';
import { readDocument } from '../documents.ts';
import type { ErrorJson } from '../errors.ts';
import type { Compute, JobAttempt, World } from '../ports.ts';
import { cancelled, hasEnded, isAbandoned, lost } from './job-life.ts';
import { activeMark, changeJob, jobDocument, readJob } from './job-store.ts';

/** The compute says that an attempt is over. Where its worker said nothing of the kind, it was lost: another attempt follows. */
export async function attemptEnded({ job: id, attempt }: JobAttempt, why: string, world: World): Promise<JobRecord> {
  const job = await changeJob(world.store, id, (current) =>
    hasEnded(current) || current.state === 'SUBMITTED' || current.attempt !== attempt
      ? undefined
      : lost(current, attempt, workerLost(why), world.clock.now()),
  );
  await settle(job, world);
  return job;
}

/** Cancels a job that has not ended. The record comes first: a worker that cannot be reached finds out at its next sign of life. */
export async function cancelJob(id: string, compute: Compute, world: World): Promise<JobRecord> {
  const { handle } = await readJob(world.store, id);
  const job = await changeJob(world.store, id, (current) => cancelled(current, world.clock.now()));
  if (handle !== undefined) await compute.stop(handle);
  await settle(job, world);
  return job;
}

/**
 * Finds jobs that nobody works on although somebody should, whatever died: sends a submitted job again, replaces an attempt whose
 * lease ran out or that its compute says has ended, and removes the marks of jobs that have ended.
 * @param staleSeconds how long a submitted job may wait on the queue before its message is taken for lost
 */
export async function reconcileJobs(compute: Compute, world: World, { staleSeconds }: { staleSeconds: number }): Promise<void> {
  const prefix = activeMark('');
  for (let after: string | undefined, more = true; more; ) {
    const page = await world.store.list(prefix, { ...(after !== undefined && { after }), limit: 100 });
    for (const { key } of page.objects) await reconcileJob(key.slice(prefix.length), compute, world, staleSeconds);
    after = page.objects.at(-1)?.key;
    more = page.more;
  }
}

async function reconcileJob(id: string, compute: Compute, world: World, staleSeconds: number): Promise<void> {
  const job = await readDocument(world.store, jobDocument, id);
  // Between mark and record, a submit may be under way; a mark without a record costs one read.
  if (job === undefined) return;
  const now = world.clock.now();
  if (hasEnded(job)) return settle(job, world);
  const idleSeconds = (now.getTime() - Date.parse(job.updatedAt)) / 1000;
  if (job.state === 'SUBMITTED') {
    if (idleSeconds < staleSeconds) return;
    await changeJob(world.store, id, (current) =>
      current.state === 'SUBMITTED' ? { ...current, updatedAt: now.toISOString() } : undefined,
    );
    return world.queues.trainings.send({ type: 'train', job: id });
  }
  const gone = isAbandoned(job, now) || (job.handle !== undefined && (await compute.hasEnded(job.handle)));
  if (!gone) return;
  world.log('attempt.lost', { job: id, attempt: job.attempt });
  await attemptEnded({ job: id, attempt: job.attempt }, 'its worker gave no sign of life', world);
}

/** What follows a change: a job that is to be tried again goes back on the queue, one that has ended loses its mark. */
export async function settle(job: JobRecord, world: World): Promise<void> {
  if (hasEnded(job)) await world.store.delete(activeMark(job.id));
  else if (job.state === 'SUBMITTED') await world.queues.trainings.send({ type: 'train', job: job.id });
}

function workerLost(why: string): ErrorJson {
  return {
    code: 'WORKER_LOST',
    message: `The worker ended before the job did: ${why}.`,
    fix: 'nothing: another attempt follows',
  };
}
