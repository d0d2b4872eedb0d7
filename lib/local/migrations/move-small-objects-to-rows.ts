import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDurableDatabase } from '../durable-database.ts';
import { removeFrom } from '../folders.ts';
import { entryOf, pathOfKey } from '../key-path.ts';
import { isMissing } from '../store-errors.ts';

/** Number of objects to move per transaction. */
const AT_ONCE = 500;
const WAITS_MS = 10_000;

// Fixed to the layout of version 2, because each migration leads only to the next version, where the next one
// continues.
const PREFIXES = ['active/', 'answers/', 'events/', 'idempotency/', 'jobs/', 'webhooks/'];
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    written_at INTEGER NOT NULL
  ) STRICT`;

interface ObjectInFile {
  readonly key: string;
  readonly path: string;
}

/**
 * Checks whether a store has small objects in files, as in version 1.
 * @param directory of the store
 */
export function hasSmallObjectsInFiles(directory: string): boolean {
  return PREFIXES.some((prefix) => existsSync(pathOfKey(rootOf(directory), prefix)));
}

/**
 * Migrates version 1 to 2: moves jobs and other small objects from files to rows of `records.sqlite`. Each row is on
 * disk before its file is removed, and existing rows are kept, so the migration can be interrupted at any point and run
 * again.
 * @param directory of the store
 */
export function moveSmallObjectsToRows(directory: string): void {
  const root = rootOf(directory);
  const { database, close } = openDurableDatabase(join(directory, 'records.sqlite'), SCHEMA);
  try {
    // Makes each commit wait for the disk.
    database.exec(`PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${WAITS_MS}`);
    const insert = database.prepare('INSERT INTO objects (key, body, written_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    for (const objects of batchesOf(smallObjects(root))) {
      database.exec('BEGIN IMMEDIATE');
      // Keep the time of writing, because the expiry of answers and idempotency keys depends on it.
      for (const { key, path } of objects) insert.run(Buffer.from(key), readFileSync(path), Math.floor(statSync(path).mtimeMs));
      database.exec('COMMIT');
      for (const { path } of objects) removeFrom(root, path);
    }
  } finally {
    close();
  }
}

function rootOf(directory: string): string {
  return join(directory, 'objects');
}

function* smallObjects(root: string): Generator<ObjectInFile> {
  for (const prefix of PREFIXES) yield* objectsBelow(pathOfKey(root, prefix), Buffer.from(prefix));
}

/**
 * Lists the objects in a folder and its subfolders.
 * @param start the shared prefix of all keys in the folder
 */
function* objectsBelow(folder: string, start: Buffer): Generator<ObjectInFile> {
  for (const name of namesIn(folder)) {
    const entry = entryOf(name);
    if (entry === undefined) continue;
    const path = join(folder, name);
    const key = Buffer.concat([start, entry.bytes]);
    if (entry.isObject) yield { key: key.toString(), path };
    else yield* objectsBelow(path, key);
  }
}

function* batchesOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
