import { forEachConcurrently } from '../../concurrency.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument, readDocument } from '../../store/documents.ts';
import { listKeys } from '../../store/list-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { blobKey, sha256OfBlob } from '../files/blob-key.ts';
import { digestSet } from '../tables/digest-set.ts';
import type { ImageCheck } from './image-checks.ts';
import { PAGES, pageDocument, RECENT, RULES } from './image-checks.ts';

/** Two hexadecimal digits begin the key of a blob: so many beginnings belong to a page. */
const STARTS_A_PAGE = 256 / PAGES;
const PAGE = new RegExp(`^${storeKeys.checks.prefix}(\\d+)/([0-9a-z]+)\\.json$`);
const AT_ONCE = 64;

/**
 * Removes the checks of images that the store no longer has from one page, and a page of earlier rules completely.
 * Missing checks are made again.
 * @param key of the page
 * @returns the number of removed checks
 */
export async function pruneChecks(key: string, store: ObjectStore): Promise<number> {
  const [, rules = '', page = ''] = PAGE.exec(key) ?? [];
  if (rules !== '' && Number(rules) < RULES) {
    await store.delete(key);
    return 1;
  }
  if (Number(rules) !== RULES) return 0;
  const known = Object.keys((await readDocument(store, pageDocument, page)) ?? {});
  const isThere = page === RECENT ? await blobsOf(known, store) : await blobsOfPage(Number(page), store);
  const removed = new Set(known.filter((sha256) => !isThere(sha256)));
  if (removed.size === 0) return 0;
  await changeDocument(store, pageDocument, page, (checks = {}) => without(checks, removed));
  return removed.size;
}

function without(checks: Readonly<Record<string, ImageCheck>>, gone: ReadonlySet<string>): Record<string, ImageCheck> {
  return Object.fromEntries(Object.entries(checks).filter(([sha256]) => !gone.has(sha256)));
}

async function blobsOf(wanted: readonly string[], store: ObjectStore): Promise<(sha256: string) => boolean> {
  const found = new Set<string>();
  await forEachConcurrently(wanted, AT_ONCE, async (sha256) => {
    if ((await store.head(blobKey(sha256))) !== undefined) found.add(sha256);
  });
  return (sha256) => found.has(sha256);
}

/** A page has neighbouring SHA-256s. */
async function blobsOfPage(page: number, store: ObjectStore): Promise<(sha256: string) => boolean> {
  const found = digestSet();
  for (let start = page * STARTS_A_PAGE; start < (page + 1) * STARTS_A_PAGE; start++) {
    for await (const { key } of listKeys(store, `${storeKeys.blobs.prefix}${start.toString(16).padStart(2, '0')}/`)) {
      const sha256 = sha256OfBlob(key);
      if (sha256 !== undefined) found.add(sha256);
    }
  }
  return (sha256) => found.has(sha256);
}
