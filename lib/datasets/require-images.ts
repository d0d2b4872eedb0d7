import { forEachConcurrently } from '../concurrency.ts';
import { DataError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { blobKey, sha256OfBlob } from './files/blob-key.ts';
import { digestSet } from './tables/digest-set.ts';
import type { Rows } from './tables/rows.ts';

/** With more images, the store is listed, a thousand at a time, instead of requesting each. */
const MOST_HEADS = 50_000;
const AT_ONCE = 64;
/** The most paths in the error. */
const NAMED = 100;

/** Checks that the store has the images of all rows. @throws DataError IMAGES_MISSING, which names the paths */
export async function requireImages(rows: Rows, store: ObjectStore): Promise<void> {
  const wanted = digestSet(rows.length);
  for (const { sha256 } of rows) wanted.add(sha256);
  const found = digestSet(wanted.size);
  if (wanted.size > MOST_HEADS) {
    for await (const { key } of listKeys(store, storeKeys.blobs.prefix)) {
      const sha256 = sha256OfBlob(key);
      if (sha256 !== undefined && wanted.has(sha256)) found.add(sha256);
    }
  } else {
    const requested = digestSet(wanted.size);
    await forEachConcurrently(rows, AT_ONCE, async ({ sha256 }) => {
      if (requested.add(sha256) && (await store.head(blobKey(sha256))) !== undefined) found.add(sha256);
    });
  }
  if (found.size === wanted.size) return;
  const missing: string[] = [];
  for (const { path, sha256 } of rows) if (missing.length < NAMED && !found.has(sha256)) missing.push(path);
  throw new DataError('IMAGES_MISSING', {
    expected: `the bytes of ${wanted.size} images`,
    received: missing,
    fix: 'upload the data set again',
  });
}
