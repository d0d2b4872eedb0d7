import { closeSync, fdatasync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { asStoreError } from './store-errors.ts';

const dataSync = promisify(fdatasync);

export interface DurableDatabase {
  /** Whose statements run by `whenFree`. */
  readonly database: DatabaseSync;
  /** Waits until what was written before is on the disk; writers at once share the wait. */
  synced(): Promise<void>;
  /** Lets go of the file; calls that are under way must have ended. */
  close(): void;
}

const OPENING_WAITS_MS = 10_000;
/** Pages of the log after which SQLite itself would write it into the database. */
const LOG_PAGES = 1000;

/**
 * Opens a SQLite file that several processes write at once, and makes it with its folder where there is none. No wait
 * of it blocks the thread: that for another writer is whenFree's, and that for the disk is `synced`.
 * @param schema makes what is not there yet
 * @throws CapacityError STORE_FULL; RuntimeError STORE_FAILED
 */
export function openDurableDatabase(
  file: string,
  schema: string,
  { logPages = LOG_PAGES }: { readonly logPages?: number } = {},
): DurableDatabase {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const database = new DatabaseSync(file, { timeout: OPENING_WAITS_MS });
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${logPages}`);
    database.exec(schema);
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
 * Waits until what was written to a file is on the disk. All who ask while a wait is under way share the next one, so that many
 * writers at once cost the disk no more than two.
 * @param file its descriptor
 * @returns call it after the write
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
