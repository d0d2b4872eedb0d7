import type { AnyJob } from '../lib/contracts/job.ts';

/** Tells whether a job has ended. */
export function hasEnded({ state }: Pick<AnyJob, 'state'>): boolean {
  return state === 'SUCCEEDED' || state === 'FAILED' || state === 'CANCELLED';
}
