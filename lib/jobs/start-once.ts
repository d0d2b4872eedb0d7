import type { AnyJob } from '../contracts/job.ts';
import type { JobAttempt, World } from '../ports.ts';
import { pause } from '../store/pause.ts';
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
  let lease: string | undefined;
  const begun = await changeJob(store, id, (job) => {
    lease = job.state === 'RUNNING' ? job.leaseUntil : undefined;
    const next = leaseRenewed(job, attempt, clock.now());
    return lease === undefined ? next : undefined;
  });
  if (lease === undefined) return begun;
  const seen = lease;
  log('attempt.called-again', { job: id, attempt, leaseUntil: seen, waitSeconds: SILENCE_SECONDS });
  await pause(clock, SILENCE_SECONDS * 1000);
  return changeJob(store, id, (job) => takenOver(job, attempt, seen, clock.now()));
}
