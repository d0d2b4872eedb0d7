import { forEachConcurrently } from '../concurrency.ts';
import { DataError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { blobKey, sha256OfBlob } from './files/blob-key.ts';
import { type DigestSet, digestSet } from './tables/digest-set.ts';
import type { Rows } from './tables/rows.ts';

const AT_ONCE = 64;
/** Keys on a page of a listing. */
const PAGE = 1000;
/**
 * With at most this many stored images for each wanted one, listing all of them is faster than requesting each wanted
 * one: a page, after which the next one begins, takes about as long as five requests, of which 64 run at once.
 */
const MOST_STORED = 3;
/** The most paths in the error. */
const NAMED = 100;

/** Checks that the store has the images of all rows. @throws DataError IMAGES_MISSING, which names the paths */
export async function requireImages(rows: Rows, store: Pick<ObjectStore, 'head' | 'list'>): Promise<void> {
  const wanted = digestSet(rows.length);
  for (const { sha256 } of rows) wanted.add(sha256);
  const found = (await findByListing(wanted, store)) ?? (await findByRequests(wanted.size, rows, store));
  if (found.size === wanted.size) return;
  const missing: string[] = [];
  for (const { path, sha256 } of rows) if (missing.length < NAMED && !found.has(sha256)) missing.push(path);
  throw new DataError('IMAGES_MISSING', {
    expected: `the bytes of ${wanted.size} images`,
    received: missing,
    fix: 'upload the data set again',
  });
}

/** @returns undefined if the first page shows that the store has too many other images */
async function findByListing(wanted: DigestSet, store: Pick<ObjectStore, 'list'>): Promise<DigestSet | undefined> {
  const most = MOST_STORED * wanted.size;
  if (most < PAGE) return undefined;
  const found = digestSet(wanted.size);
  let listed = 0;
  for await (const { key } of listKeys(store, storeKeys.blobs.prefix)) {
    const sha256 = sha256OfBlob(key);
    if (sha256 === undefined) continue;
    if (wanted.has(sha256)) found.add(sha256);
    if (++listed === PAGE && listed / shareBefore(sha256) > most) return undefined;
  }
  return found;
}

/** The share of all hashes, 0..1, that come before this one in the order of the keys: they are distributed evenly. */
function shareBefore(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 8), 16) / 2 ** 32;
}

async function findByRequests(images: number, rows: Rows, store: Pick<ObjectStore, 'head'>): Promise<DigestSet> {
  const found = digestSet(images);
  const requested = digestSet(images);
  await forEachConcurrently(rows, AT_ONCE, async ({ sha256 }) => {
    if (requested.add(sha256) && (await store.head(blobKey(sha256))) !== undefined) found.add(sha256);
  });
  return found;
}
