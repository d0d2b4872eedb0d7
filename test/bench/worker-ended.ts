import { setTimeout as wait } from 'node:timers/promises';
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';

/** Waits until the worker that a command left behind has ended. Until then, no server starts on its data folder. */
export async function workerEnded(directory: string): Promise<void> {
  let lock = await holdWorkerLock(directory);
  for (; lock === undefined; lock = await holdWorkerLock(directory)) await wait(100);
  lock.close();
}
