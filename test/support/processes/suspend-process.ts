import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';

/** The files of a data folder that its processes lock for as long as a write takes. */
const LOCKED_FILES = ['store/lock', 'store/records.sqlite', 'trainings.sqlite', 'imports.sqlite', 'webhooks.sqlite'];

/** A thread that runs at the signal stops within this time. */
const STOPS_WITHIN_MS = 50;

/**
 * Suspends a process that uses a data folder (SIGSTOP), as if it hung, at a moment when it holds no lock of the store:
 * all other processes would wait for that lock.
 * @param pid process id
 * @param folder data folder
 */
export async function suspendProcess(pid: number, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'store/lock'))) throw new Error(`${folder} is no data folder`);
  for (;;) {
    process.kill(pid, 'SIGSTOP');
    await wait(STOPS_WITHIN_MS);
    if (LOCKED_FILES.every((name) => isFree(join(folder, name)))) return;
    process.kill(pid, 'SIGCONT');
    await wait(STOPS_WITHIN_MS);
  }
}

/** Checks whether no process writes to a SQLite file at this moment. */
function isFree(file: string): boolean {
  // A queue that nothing was sent to.
  if (!existsSync(file)) return true;
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    database.close();
  }
}
