import { keepRecent } from '../../keep-recent.ts';
import type { ObjectStore } from '../../ports.ts';
import { tabulateRows } from '../tables/row-table.ts';
import type { Rows } from '../tables/rows.ts';
import { readManifest } from './manifest.ts';

/** Versions of a store whose rows stay in memory: the latest one, the one before it, and that of another page. */
const MOST_VERSIONS = 3;
/** Rows of a version that stays: some 15 MB. */
export const MOST_RECALLED = 100_000;
/** Rows that stay as objects, which a request that sets labels reads a dozen times; more rows stay as columns. */
const MOST_OBJECTS = 20_000;

/** By store and digest, in the order of the last use. */
const recent = new WeakMap<ObjectStore, Map<string, Promise<Rows>>>();

/**
 * Reads a manifest, or returns what was read or added last: pages list, label and search the same version again and
 * again, and a manifest never changes.
 * @param read reads it; default: from the store
 * @throws as `readManifest`
 */
export async function recallManifest(
  digest: string,
  store: ObjectStore,
  read: () => Promise<Rows> = () => readManifest(digest, store),
): Promise<Rows> {
  const known = recentOf(store);
  const found = keepRecent(known, digest, known.get(digest) ?? read().then(asObjects), MOST_VERSIONS);
  const rows = await found.catch((error) => {
    known.delete(digest);
    throw error;
  });
  if (rows.length > MOST_RECALLED) known.delete(digest);
  return rows;
}

/** Keeps the rows of a manifest that was written. @param rows copied, because they may be made of those of other versions */
export async function rememberManifest(digest: string, rows: Rows, store: ObjectStore): Promise<void> {
  if (rows.length > MOST_RECALLED) return;
  const copied = rows.length > MOST_OBJECTS ? await tabulateRows(rows) : asObjects(rows);
  keepRecent(recentOf(store), digest, Promise.resolve(copied), MOST_VERSIONS);
}

function asObjects(rows: Rows): Rows {
  return rows.length > MOST_OBJECTS ? rows : [...rows];
}

function recentOf(store: ObjectStore): Map<string, Promise<Rows>> {
  const known = recent.get(store) ?? new Map<string, Promise<Rows>>();
  recent.set(store, known);
  return known;
}
