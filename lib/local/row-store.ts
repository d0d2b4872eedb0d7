import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Clock, ObjectHead, ObjectStore, ObjectVersion, PutCondition } from '../ports.ts';
import { checkKey } from '../store/object-key.ts';
import { requireBefore } from '../store/require-before.ts';
import { openDurableDatabase } from './durable-database.ts';
import { objectNotFound } from './object-file.ts';
import { retryWhileBusy } from './sqlite.ts';
import { preconditionFailed, rangeOf, withStoreErrors } from './store-errors.ts';

export interface RowStoreOptions {
  /** Created if needed, with its folder. Several processes may open it at once. */
  readonly file: string;
  readonly clock: Clock;
}

/** An ObjectStore without signed requests. */
export interface RowStore extends Omit<ObjectStore, 'signUpload' | 'signDownload'> {
  /** Closes the file. All calls must have finished. */
  close(): void;
}

/** The number of WAL pages (4 KiB each) that triggers a checkpoint. The writer that triggers it waits for the disk. */
const LOG_PAGES = 4000;

/** Keys are stored as bytes, to sort them as UTF-8. Version numbers are never reused, so ETags are unique. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    body BLOB NOT NULL,
    written_at INTEGER NOT NULL
  ) STRICT`;

const Written = z.object({ version: z.int() });
const Head = z.object({ version: z.int(), size: z.int(), written_at: z.int() });
const Body = z.object({ version: z.int(), body: z.instanceof(Uint8Array) });
const Listed = Head.extend({ key: z.instanceof(Uint8Array) });

/**
 * Opens an ObjectStore for many small objects that change often, as rows of one SQLite file. A completed write is on
 * disk, as with files, but needs one sync instead of two (of a file and its folder).
 */
export function openRowStore({ file, clock }: RowStoreOptions): RowStore {
  const { database, synced, close } = openDurableDatabase(file, SCHEMA, { logPages: LOG_PAGES });
  const sql = prepareStatements(database);

  async function headAt(key: string): Promise<ObjectHead | undefined> {
    const row = await retryWhileBusy(() => sql.head.get({ key: bytesOf(key) }));
    if (row === undefined) return undefined;
    return headOf(key, Head.parse(row));
  }

  async function read(key: string) {
    checkKey(key);
    const row = await retryWhileBusy(() => sql.get.get({ key: bytesOf(key) }));
    return row && Body.parse(row);
  }

  async function need(key: string): Promise<Uint8Array> {
    const found = await read(key);
    if (found === undefined) throw objectNotFound(key);
    return found.body;
  }

  async function write(key: string, body: Uint8Array, condition?: PutCondition): Promise<ObjectVersion> {
    checkKey(key);
    const values = { key: bytesOf(key), body, now: clock.now().getTime() };
    // `all` runs the statement to its end, because SQLite reports a failed commit only there.
    const [row] = await retryWhileBusy(() => {
      if (condition === undefined) return sql.put.all(values);
      if ('ifAbsent' in condition) return sql.create.all(values);
      return sql.replace.all({ ...values, version: versionOf(condition.ifMatch) });
    });
    if (row === undefined) throw preconditionFailed(key, await headAt(key), condition);
    await synced();
    return { key, size: body.length, etag: etagOf(Written.parse(row).version) };
  }

  return {
    get: (key) =>
      withStoreErrors(key, async () => {
        const found = await read(key);
        return found && { body: found.body, etag: etagOf(found.version) };
      }),
    getRange: (key, start, end) =>
      withStoreErrors(key, async () => {
        const body = await need(key);
        return body.slice(...rangeOf(key, body.length, start, end));
      }),
    head: (key) =>
      withStoreErrors(key, async () => {
        checkKey(key);
        return headAt(key);
      }),
    put: (key, body, condition) => withStoreErrors(key, () => write(key, body, condition)),
    copy: (from, to) =>
      withStoreErrors(from, async () => {
        await write(to, await need(from));
      }),
    delete: (key, { before } = {}) =>
      withStoreErrors(key, async () => {
        checkKey(key);
        await retryWhileBusy(() => {
          requireBefore(key, before, clock.now());
          return sql.delete.run({ key: bytesOf(key) });
        });
        await synced();
      }),
    list: (prefix, { after = '', limit = 1000 } = {}) =>
      withStoreErrors(prefix, async () => {
        // UTF-8 never contains the byte 255, so this is the upper bound of all keys with the prefix.
        const range = { from: bytesOf(prefix), to: Buffer.concat([bytesOf(prefix), Buffer.of(0xff)]), after: bytesOf(after) };
        const rows = await retryWhileBusy(() => sql.list.all({ ...range, limit: limit + 1 }));
        const objects = z.array(Listed).parse(rows.slice(0, limit));
        return {
          objects: objects.map(({ key, ...row }) => headOf(new TextDecoder().decode(key), row)),
          more: rows.length > limit,
        };
      }),
    close,
  };
}

function prepareStatements(database: DatabaseSync) {
  const into = 'INTO objects (key, body, written_at)';
  return {
    get: database.prepare('SELECT version, body FROM objects WHERE key = $key'),
    head: database.prepare('SELECT version, length(body) AS size, written_at FROM objects WHERE key = $key'),
    put: database.prepare(`INSERT OR REPLACE ${into} VALUES ($key, $body, $now) RETURNING version`),
    create: database.prepare(`INSERT ${into} VALUES ($key, $body, $now) ON CONFLICT DO NOTHING RETURNING version`),
    replace: database.prepare(`
      INSERT OR REPLACE ${into} SELECT $key, $body, $now
      WHERE EXISTS (SELECT 1 FROM objects WHERE key = $key AND version = $version) RETURNING version`),
    delete: database.prepare('DELETE FROM objects WHERE key = $key'),
    list: database.prepare(`
      SELECT key, version, length(body) AS size, written_at FROM objects
      WHERE key >= $from AND key < $to AND key > $after ORDER BY key LIMIT $limit`),
  };
}

function headOf(key: string, { version, size, written_at: writtenAt }: z.infer<typeof Head>): ObjectHead {
  return { key, size, etag: etagOf(version), modifiedAt: new Date(writtenAt) };
}

function bytesOf(key: string): Uint8Array {
  return Buffer.from(key);
}

function etagOf(version: number): string {
  return version.toString(36);
}

/**
 * Parses an ETag.
 * @returns -1, which no version has, if the ETag is invalid
 */
function versionOf(etag: string): number {
  const version = Number.parseInt(etag, 36);
  return Number.isSafeInteger(version) && etagOf(version) === etag ? version : -1;
}
