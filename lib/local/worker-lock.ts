import { setTimeout as wait } from 'node:timers/promises';
import { workerLockFile } from './data-folder.ts';
import { type FileLock, openFileLock } from './file-lock.ts';

/** Other processes hold the lock for an instant to check whether it is free. */
const TRIES = 5;
const MS_BETWEEN_TRIES = 40;

/**
 * Takes the lock of the folder's worker. The operating system releases it if the process dies.
 * @returns undefined if another process is working on this folder
 */
export async function holdWorkerLock(directory: string): Promise<FileLock | undefined> {
  const lock = openFileLock(workerLockFile(directory));
  for (let tries = 1; ; tries++) {
    if (lock.hold()) return lock;
    if (tries === TRIES) break;
    await wait(MS_BETWEEN_TRIES);
  }
  lock.close();
  return undefined;
}

/** Checks whether a process is working on the jobs of this folder. */
export function isWorkerAtWork(directory: string): boolean {
  const lock = openFileLock(workerLockFile(directory));
  try {
    return !lock.hold();
  } finally {
    lock.close();
  }
}
