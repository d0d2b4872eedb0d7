import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openDurableDatabase } from '../durable-database.ts';
import { removeFrom } from '../folders.ts';
import { entryOf, pathOfKey } from '../key-path.ts';
import { isMissing } from '../store-errors.ts';

/** Objects that are moved in one transaction. */
const AT_ONCE = 500;
const WAITS_MS = 10_000;

// As they were in version 2, whatever later versions do: a step leads to the version after its own, and the next step
// goes on from there.
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

/** Whether a store has small objects in files, as in version 1. @param directory of the store */
export function hasSmallObjectsInFiles(directory: string): boolean {
  return PREFIXES.some((prefix) => existsSync(pathOfKey(rootOf(directory), prefix)));
}

/**
 * Version 1 to 2: jobs and other small objects move from files to rows of `records.sqlite`. A row is on the disk before
 * its file is removed, and a row that is there already stays. So it may be interrupted anywhere, and run again.
 * @param directory of the store
 */
export function moveSmallObjectsToRows(directory: string): void {
  const root = rootOf(directory);
  const { database, close } = openDurableDatabase(join(directory, 'records.sqlite'), SCHEMA);
  try {
    // A commit then waits for the disk.
    database.exec(`PRAGMA synchronous = FULL; PRAGMA busy_timeout = ${WAITS_MS}`);
    const insert = database.prepare('INSERT INTO objects (key, body, written_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    for (const objects of batchesOf(smallObjects(root))) {
      database.exec('BEGIN IMMEDIATE');
      // The time of writing is kept: answers and idempotency keys expire by it.
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

/** @param start the beginning of all keys in the folder */
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
