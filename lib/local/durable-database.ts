import { closeSync, fdatasync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { asStoreError } from './store-errors.ts';

const dataSync = promisify(fdatasync);

export interface DurableDatabase {
  /** Run its statements with `retryWhileBusy`. */
  readonly database: DatabaseSync;
  /** Waits until all earlier writes are on disk. Concurrent writers share the wait. */
  synced(): Promise<void>;
  /** Closes the file. All calls must have finished. */
  close(): void;
}

export interface DatabaseOptions {
  /** The number of pages of the log (WAL) that triggers a checkpoint. */
  readonly logPages?: number;
  readonly migrate?: (database: DatabaseSync) => void;
}

const OPENING_WAITS_MS = 10_000;
/** The number of WAL pages after which SQLite itself would run a checkpoint. */
const LOG_PAGES = 1000;

/**
 * Opens a SQLite file for concurrent writes by several processes. Creates the file and its folder if needed. Never
 * blocks the thread: `retryWhileBusy` waits for other writers, and `synced` waits for the disk.
 * @param schema creates the missing tables
 * @param options migrate: changes the tables of earlier versions, while other processes may do the same
 * @throws CapacityError STORE_FULL, STORE_BUSY; RuntimeError STORE_FAILED
 */
export function openDurableDatabase(
  file: string,
  schema: string,
  { logPages = LOG_PAGES, migrate = () => {} }: DatabaseOptions = {},
): DurableDatabase {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: OPENING_WAITS_MS });
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${logPages}`);
    database.exec(schema);
    migrate(database);
    database.exec('PRAGMA busy_timeout = 0');
    const log = openSync(`${file}-wal`, 'r');
    return {
      database,
      synced: sharedSync(log),
      close() {
        database.close();
        closeSync(log);
      },
    };
  } catch (error) {
    throw asStoreError(file, error);
  }
}

/**
 * Waits until writes to a file are on disk. All callers during a running sync share the next one, so that many
 * concurrent writers cause at most two syncs.
 * @param file a file descriptor
 * @returns a function to call after each write
 */
function sharedSync(file: number): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= underWay.then(() => {
      const sync = dataSync(file);
      underWay = sync.catch(() => {});
      next = undefined;
      return sync;
    });
    return next;
  };
}
