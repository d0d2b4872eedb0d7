import type { JobState } from './job.ts';

const ENDED: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/** Tells whether a job has ended. Without schemas, so that the console need not load them. */
export function hasEnded({ state }: { readonly state: JobState }): boolean {
  return ENDED.includes(state);
}
