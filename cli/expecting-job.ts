import type { Context } from './context.ts';

/** Runs what submits a job and wakes a worker for it. The workers that it starts prepare for the job. */
export async function expectingJob<T>({ expectJob }: Pick<Context, 'expectJob'>, submit: () => Promise<T>): Promise<T> {
  const submitted = expectJob?.();
  try {
    return await submit();
  } finally {
    submitted?.();
  }
}
