import { setTimeout as wait } from 'node:timers/promises';
import { workerLockFile } from './data-folder.ts';
import { type FileLock, openFileLock } from './file-lock.ts';

/** Others take the lock for an instant to see whether it is free. */
const TRIES = 5;
const MS_BETWEEN_TRIES = 40;

/** @returns undefined where another process works on this folder; the system frees the lock of a process that dies */
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

/** Whether a process works on the jobs of this folder. */
export function isWorkerAtWork(directory: string): boolean {
  const lock = openFileLock(workerLockFile(directory));
  try {
    return !lock.hold();
  } finally {
    lock.close();
  }
}
