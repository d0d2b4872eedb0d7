import { SplitPart } from '../../contracts/dataset.ts';
import type { SplitShares } from '../../contracts/job-spec.ts';
import type { ObjectStore } from '../../ports.ts';
import { labelledRows, type Rows } from '../tables/rows.ts';
import { beginningDigests } from '../versions/lineage.ts';
import { readManifest } from '../versions/manifest.ts';
import { type PartsByContent, partsByContent } from './parts-by-content.ts';
import { type Split, splitDataset } from './split-dataset.ts';
import { decodeParts, encodeParts, partsKey } from './stored-parts.ts';

export interface AssignAncestorsOptions {
  readonly shares: SplitShares;
  readonly seed: number;
  /** Ends the work before the next ancestor; the next call goes on there. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Assigns the images of a version's ancestors to the sets, starting with the oldest ancestor. It begins after the newest
 * ancestor whose parts are stored, and stores those of the newest one: each batch of labels makes a version, and a job
 * should not split hundreds of them again.
 * @param lineage the digests of the ancestors, the oldest first
 * @throws RuntimeError as `readManifest`; the signal's reason
 */
export async function assignAncestors(
  lineage: readonly string[],
  store: ObjectStore,
  { shares, seed, signal }: AssignAncestorsOptions,
): Promise<PartsByContent> {
  const before = beginningDigests(lineage);
  const keys = lineage.map((digest, index) => partsKey(digest, before[index] ?? '', shares, seed));
  const stored = await readNewest(keys, store, signal);
  const { parts } = stored;
  let { count } = stored;
  for (const digest of lineage.slice(count)) {
    if (signal?.aborted) break;
    const rows = labelledRows(await readManifest(digest, store));
    addParts(splitDataset({ digest, rows }, shares, seed, parts), rows, parts);
    count++;
  }
  const key = keys[count - 1];
  if (key !== undefined && count > stored.count) await store.put(key, encodeParts(parts));
  signal?.throwIfAborted();
  return parts;
}

/** The parts after the newest ancestor that has stored ones, and the number of ancestors up to it. */
async function readNewest(
  keys: readonly string[],
  store: ObjectStore,
  signal: AbortSignal | undefined,
): Promise<{ readonly parts: PartsByContent; readonly count: number }> {
  for (const [index, key] of [...keys.entries()].reverse()) {
    signal?.throwIfAborted();
    const stored = await store.get(key);
    const parts = stored && decodeParts(stored.body);
    if (parts !== undefined) return { parts, count: index + 1 };
  }
  return { parts: partsByContent(), count: 0 };
}

function addParts(split: Split, rows: Rows, parts: PartsByContent): void {
  for (const part of SplitPart.options) {
    for (const number of split[part]) {
      const row = rows.at(number);
      if (row !== undefined) parts.set(row.sha256, part);
    }
  }
}
