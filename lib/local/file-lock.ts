import { DatabaseSync } from 'node:sqlite';
import { isBusy, retryWhileBusy } from './sqlite.ts';

const OPENING_WAITS_MS = 10_000;

/**
 * A lock between processes: SQLite's write lock on an empty database. The operating system releases it when the holder
 * dies, so a lock cannot become stale. Locking writes nothing, so it takes microseconds.
 */
export interface FileLock {
  /** Runs `section` while holding the lock. `section` is synchronous, so others wait for a few system calls at most. */
  run<T>(section: () => T): Promise<T>;
  /** Like `run`, but blocks the thread while waiting. Only for start-up. */
  runBlocking<T>(section: () => T): T;
  /**
   * Holds the lock until `close` or the end of the process.
   * @returns false if another process holds it
   */
  hold(): boolean;
  close(): void;
}

/** Opens a lock file, and creates it if needed. Closing it releases the lock. */
export function openFileLock(file: string): FileLock {
  const database = new DatabaseSync(file, { timeout: OPENING_WAITS_MS });
  // The first transaction on an empty file would write its first page, and could end only when no other process reads
  // it.
  if (database.prepare('PRAGMA user_version').get()?.user_version === 0) database.exec('PRAGMA user_version = 1');
  database.exec('PRAGMA busy_timeout = 0');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const end = database.prepare('ROLLBACK');

  function held<T>(section: () => T): T {
    try {
      return section();
    } finally {
      end.run();
    }
  }

  return {
    async run(section) {
      // No await between locking and the section, so that two calls in one process cannot interleave.
      return retryWhileBusy(() => {
        begin.run();
        return held(section);
      });
    },
    runBlocking(section) {
      database.exec(`PRAGMA busy_timeout = ${OPENING_WAITS_MS}`);
      begin.run();
      try {
        return held(section);
      } finally {
        database.exec('PRAGMA busy_timeout = 0');
      }
    },
    hold() {
      try {
        begin.run();
        return true;
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
    },
    close: () => database.close(),
  };
}
