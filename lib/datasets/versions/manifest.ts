/**
 * Manifests: JSON Lines in the order of the paths, with members in a fixed order, named by the SHA-256 of all their
 * bytes, so that the same images have the same digest. A long manifest is stored in shards, which does not change its
 * digest.
 */
import { createHash } from 'node:crypto';
import { ManifestRow } from '../../contracts/dataset.ts';
import { RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { putIfAbsent } from '../../store/conditional-put.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { decodeText, linesOf } from '../labels/decode-text.ts';
import { tabulateRows } from '../tables/row-table.ts';
import type { Rows } from '../tables/rows.ts';

/**
 * Rows per shard; longer manifests are stored in shards. Small, because a shard is held in memory while it is written
 * or read.
 */
const MAX_ROWS = 10_000;
const SHARD_ROWS = 10_000;
const MANIFEST = new RegExp(`^${storeKeys.manifests.prefix}(sha256-[0-9a-f]{64})(?:\\.jsonl|/)`);

/** Writes the manifest of rows under their digest, unless it exists with these rows. @param rows by path */
export async function putManifest(digest: string, rows: Rows, store: ObjectStore): Promise<void> {
  if (rows.length <= MAX_ROWS) {
    await putUnlessEqual(manifestKey(digest), encode(rows, 0, rows.length), store);
    return;
  }
  for (let start = 0, shard = 0; start < rows.length; start += SHARD_ROWS, shard++) {
    const key = `${shardPrefix(digest)}${String(shard).padStart(6, '0')}.jsonl`;
    await putUnlessEqual(key, encode(rows, start, start + SHARD_ROWS), store);
  }
}

/** Replaces a damaged object: all writers of a manifest write the same bytes. */
async function putUnlessEqual(key: string, body: Uint8Array, store: ObjectStore): Promise<void> {
  if (await putIfAbsent(store, key, body)) return;
  const found = await store.get(key);
  if (found === undefined || !Buffer.from(body).equals(found.body)) await store.put(key, body);
}

/** The digest in the key of a manifest or of one of its shards; undefined for any other key. */
export function digestOfManifest(key: string): string | undefined {
  return MANIFEST.exec(key)?.[1];
}

export function manifestDigest(rows: Iterable<ManifestRow>): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(lineOf(row));
  return `sha256-${hash.digest('hex')}`;
}

/** @throws RuntimeError MANIFEST_MISSING, MANIFEST_CHANGED */
export async function readManifest(digest: string, store: ObjectStore): Promise<Rows> {
  return tabulateRows(streamManifest(digest, store));
}

/**
 * Yields the rows one after the other. Whether they match the digest is known only at the end. @throws as
 * `readManifest`
 */
export function streamManifest(digest: string, store: ObjectStore): AsyncGenerator<ManifestRow> {
  return parseManifest(digest, bodies(digest, store));
}

/**
 * Yields the rows of a manifest's files. @param files the bytes of each, in the order of the rows
 * @throws as `readManifest`, at the end if the files do not match the digest
 */
export async function* parseManifest(digest: string, files: AsyncIterable<Uint8Array>): AsyncGenerator<ManifestRow> {
  const at = manifestKey(digest);
  const hash = createHash('sha256');
  let isThere = false;
  for await (const body of files) {
    isThere = true;
    hash.update(body);
    for (const line of linesOf(decodeText(body, 'utf-8'))) if (line !== '') yield parseRow(at, digest, line);
  }
  if (!isThere) throw new RuntimeError('MANIFEST_MISSING', { at, expected: 'a manifest', received: 'nothing', fix });
  const found = `sha256-${hash.digest('hex')}`;
  if (found !== digest) throw changed(at, digest, found);
}

/**
 * The keys of a manifest's files, by the names that callers use; in the order of the rows, which is that of the names.
 */
export async function manifestKeys(digest: string, store: ObjectStore): Promise<[name: string, key: string][]> {
  const shards: [name: string, key: string][] = [];
  for await (const { key } of listKeys(store, shardPrefix(digest)))
    shards.push([`manifest-${key.slice(shardPrefix(digest).length)}`, key]);
  return shards.length > 0 ? shards : [['manifest.jsonl', manifestKey(digest)]];
}

async function* bodies(digest: string, store: ObjectStore): AsyncGenerator<Uint8Array> {
  const whole = await store.get(manifestKey(digest));
  if (whole !== undefined) return yield whole.body;
  for await (const { key } of listKeys(store, shardPrefix(digest))) {
    const shard = await store.get(key);
    if (shard !== undefined) yield shard.body;
  }
}

function parseRow(at: string, digest: string, line: string): ManifestRow {
  try {
    return ManifestRow.parse(JSON.parse(line));
  } catch (cause) {
    throw changed(at, digest, 'a line that is no row', cause);
  }
}

function changed(at: string, expected: string, received: string, cause?: unknown): RuntimeError {
  return new RuntimeError('MANIFEST_CHANGED', { at, expected, received, fix, cause });
}

// An import reads the labels of the latest version, so that version has to go first.
const fix = 'delete this version, and import the data set again';

function encode(rows: Rows, start: number, end: number): Uint8Array {
  const lines: string[] = [];
  for (let row = start; row < end; row++) {
    const found = rows.at(row);
    if (found !== undefined) lines.push(lineOf(found));
  }
  return Buffer.from(lines.join(''));
}

/** Members in this order, whatever the order in the row; absent members are left out. */
function lineOf(row: ManifestRow): string {
  const { path, sha256, labels, unlabelled, confirmed, width, height, hash, split, group, weight } = row;
  return `${JSON.stringify({ path, sha256, labels, unlabelled, confirmed, width, height, hash, split, group, weight })}\n`;
}

function manifestKey(digest: string): string {
  return `${storeKeys.manifests.prefix}${digest}.jsonl`;
}

function shardPrefix(digest: string): string {
  return `${storeKeys.manifests.prefix}${digest}/`;
}
