import type { AnyJob } from '../contracts/job.ts';
import type { JobAttempt, World } from '../ports.ts';
import { pauseByClock } from '../store/pause-by-clock.ts';
import { changeJob } from './job-store.ts';
import { LEASE_SECONDS, leaseRenewed, takenOver } from './life-cycle.ts';

/** A worker renews its lease twice in this time. */
const SILENCE_SECONDS = (LEASE_SECONDS * 2) / 3;

/**
 * Records that a worker starts on an attempt whose compute may call several for it. If another worker has started
 * before, this one waits until that one renews its lease, which it is too many then, or has died. It compares leases
 * instead of times, because clocks differ.
 * @throws ConflictError ATTEMPT_REPLACED if the other worker lives, or the attempt is no longer the current one
 */
export async function startOnce({ job: id, attempt }: JobAttempt, { store, clock, log }: World): Promise<AnyJob> {
  const { before, after } = await changeJob(id, store, (job) => {
    const next = leaseRenewed(job, attempt, clock.now());
    return leaseOfWorker(job) === undefined ? next : undefined;
  });
  const seen = leaseOfWorker(before);
  if (seen === undefined) return after;
  log('attempt.called-again', { job: id, attempt, leaseUntil: seen, waitSeconds: SILENCE_SECONDS });
  await pauseByClock(clock, SILENCE_SECONDS * 1000);
  const takeover = await changeJob(id, store, (job) => takenOver(job, attempt, seen, clock.now()));
  return takeover.after;
}

/** The lease of a worker that has started; undefined if none has. */
function leaseOfWorker({ state, leaseUntil }: AnyJob): string | undefined {
  return state === 'RUNNING' ? leaseUntil : undefined;
}
