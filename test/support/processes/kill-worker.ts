import type { AnyJob } from '../../../lib/contracts/job.ts';

/** Kills the local worker of a job with SIGKILL. @returns whether there was one */
export function killWorker({ handle }: AnyJob): boolean {
  const pid = Number(handle?.split(':')[0] ?? Number.NaN);
  if (Number.isNaN(pid)) return false;
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It may have ended, died with its parent, or not have been started yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
