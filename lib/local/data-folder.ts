/**
 * The version of a data folder, in `store/version.json`. Opening a folder of an earlier version migrates it step by
 * step. A folder of a later version is refused.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CapacityError, RuntimeError } from '../errors.ts';
import { type FileLock, openFileLock } from './file-lock.ts';
import { hasSmallObjectsInFiles, moveSmallObjectsToRows } from './migrations/move-small-objects-to-rows.ts';
import { isBusy } from './sqlite.ts';
import { asStoreError, isMissing } from './store-errors.ts';

/** The version that this code reads and writes. Whoever increases it must add a migration from the previous version. */
export const DATA_FOLDER_VERSION = 2;

/**
 * The migration from each version to the next. Each can be interrupted at any point and run again.
 * @param store the folder of the store
 */
const steps: Readonly<Record<number, (store: string) => void>> = { 1: moveSmallObjectsToRows };

const VersionFile = z.object({ version: z.int().min(1) });

/** Returns the folder of the embedded store's files. */
export function storeDirectory(directory: string): string {
  return join(directory, 'store');
}

/** Returns the lock file of the process that works on the jobs of a data folder. */
export function workerLockFile(directory: string): string {
  return join(directory, 'worker.lock');
}

/**
 * Creates a data folder, with those above it, for this user alone: it contains images, models and signed addresses. A
 * folder that exists keeps its mode, so that several users can share one.
 */
export function createPrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/**
 * Creates a data folder if it does not exist, and migrates one of an earlier version. If several processes open it at
 * once, one migrates it and the others wait.
 * @throws RuntimeError STORE_VERSION_UNSUPPORTED, STORE_FAILED; CapacityError STORE_FULL, STORE_BUSY
 */
export function prepareDataFolder(directory: string): void {
  const store = storeDirectory(directory);
  try {
    if (readVersion(store) === DATA_FOLDER_VERSION) return;
    const isNew = !existsSync(store);
    createPrivateFolder(directory);
    // In a folder that users share, as the umask says.
    mkdirSync(store, { recursive: true });
    const lock = openFileLock(join(store, 'version.lock'));
    try {
      lock.runBlocking(() => migrate(directory, isNew));
    } finally {
      lock.close();
    }
  } catch (error) {
    if (isBusy(error)) throw busy(directory, 'another process that uses it', 'wait until that process is done, and try again');
    throw asStoreError(directory, error);
  }
}

function migrate(directory: string, isNew: boolean): void {
  const store = storeDirectory(directory);
  const version = readVersion(store);
  if (version === DATA_FOLDER_VERSION) return;
  const from = version ?? (isNew ? DATA_FOLDER_VERSION : unversioned(store));
  const worker = from < DATA_FOLDER_VERSION ? requireNoWorker(directory) : undefined;
  try {
    for (let at = from; at < DATA_FOLDER_VERSION; at++) steps[at]?.(store);
    writeVersion(store);
  } finally {
    worker?.close();
  }
}

/** Detects the version from the layout, because the first two layouts had no version file. */
function unversioned(store: string): number {
  return existsSync(join(store, 'records.sqlite')) && !hasSmallObjectsInFiles(store) ? 2 : 1;
}

/**
 * Reads the version of a data folder.
 * @throws RuntimeError STORE_VERSION_UNSUPPORTED if this code does not support the version
 */
function readVersion(store: string): number | undefined {
  const file = versionFile(store);
  const text = readText(file);
  if (text === undefined) return undefined;
  const version = parseVersion(text);
  if (version !== undefined && version <= DATA_FOLDER_VERSION) return version;
  throw new RuntimeError('STORE_VERSION_UNSUPPORTED', {
    at: file,
    expected: `a data folder of version ${DATA_FOLDER_VERSION} or earlier`,
    received: version ?? text.slice(0, 100),
    fix: 'use the version of Graft that wrote it or a later one, or another folder: GRAFT_DATA_DIR',
  });
}

function parseVersion(text: string): number | undefined {
  try {
    return VersionFile.parse(JSON.parse(text)).version;
  } catch {
    return undefined;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Writes the version atomically, even if the process is killed. */
function writeVersion(store: string): void {
  const draft = join(store, 'version.json.draft');
  writeFileSync(draft, `${JSON.stringify({ version: DATA_FOLDER_VERSION })}\n`, { flush: true });
  renameSync(draft, versionFile(store));
  const folder = openSync(store, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function versionFile(store: string): string {
  return join(store, 'version.json');
}

/**
 * Locks out workers during a migration, because a running worker of an earlier version would continue to write the old
 * layout.
 * @throws CapacityError STORE_BUSY
 */
function requireNoWorker(directory: string): FileLock {
  const lock = openFileLock(workerLockFile(directory));
  if (lock.hold()) return lock;
  lock.close();
  throw busy(directory, 'a worker of that version', 'end graft dev, or wait until its jobs are done');
}

function busy(directory: string, received: string, fix: string): CapacityError {
  const expected = 'a data folder of an earlier version that no other process uses while it is migrated';
  return new CapacityError('STORE_BUSY', { at: directory, expected, received, fix, retryable: true });
}
