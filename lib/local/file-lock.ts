import { DatabaseSync } from 'node:sqlite';
import { isBusy, retryWhileBusy } from './sqlite.ts';

const OPENING_WAITS_MS = 10_000;

/**
 * A lock between processes: SQLite's write lock on a database without content. The operating system takes it back when its
 * holder dies, so there is no stale lock to break; nothing is written, so taking it costs microseconds and no disk.
 */
export interface FileLock {
  /** Runs `section` while nobody else holds the lock. It is synchronous: others wait for a few system calls at most. */
  run<T>(section: () => T): Promise<T>;
  /** As `run`, but blocks the thread while it waits: for start-up only. */
  runBlocking<T>(section: () => T): T;
  /** Takes the lock until `close` or the end of the process. @returns false when somebody holds it */
  hold(): boolean;
  close(): void;
}

/** Opens the lock in `file`, which is made where there is none. Closing it lets go of it. */
export function openFileLock(file: string): FileLock {
  const database = new DatabaseSync(file, { timeout: OPENING_WAITS_MS });
  // The first transaction of a file of no bytes would write its first page, and end only when nobody else reads it.
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
      // No await between taking the lock and using it: two calls in one process must not meet inside.
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
