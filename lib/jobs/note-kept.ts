import type { JobAttempt, ObjectStore } from '../ports.ts';
import { changeJob } from './job-store.ts';
import { isCurrent, withKept } from './life-cycle.ts';

/**
 * Notes in the record of a job that its attempt has kept a result for later ones, so that it does not count as lost. For
 * machines that send no heartbeats: one of them does it for all, because the number does not matter.
 */
export async function noteKept({ job: id, attempt }: JobAttempt, store: ObjectStore): Promise<void> {
  await changeJob(id, store, (job) => {
    const { kept = 0, keptBefore = 0 } = job;
    return isCurrent(job, attempt) && kept === keptBefore ? withKept(job, 1) : undefined;
  });
}
