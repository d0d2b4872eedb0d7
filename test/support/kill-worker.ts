import type { AnyJob } from '../../lib/contracts/job.ts';

/** Kills the local worker of a job, if it has one that lives. */
export function killWorker({ handle }: AnyJob): void {
  const pid = Number(handle?.split(':')[0] ?? Number.NaN);
  if (Number.isNaN(pid)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended, died with its parent, or not have been started yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
