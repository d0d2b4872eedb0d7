import type { Context } from './context.ts';

const MS_BETWEEN_LOOKS = 3000;

/**
 * Keeps a worker running while a command waits for a job or an import, because workers get killed, and without a server
 * nothing else starts another one.
 * @returns a function to call repeatedly; it checks at most every 3 seconds, and not before a worker that was just
 * started is up
 */
export function keepWorker({ hasWorker, wakeWorker }: Pick<Context, 'hasWorker' | 'wakeWorker'>): () => void {
  let looked = performance.now();
  return () => {
    if (hasWorker === undefined || performance.now() - looked < MS_BETWEEN_LOOKS) return;
    looked = performance.now();
    if (!hasWorker()) wakeWorker();
  };
}
