/**
 * The ancestors of versions. A version's split begins with those of its ancestors, so the record keeps the parent of a
 * deleted version, and the collector its manifest, until no version descends from it any more.
 */
import { createHash } from 'node:crypto';
import type { DatasetVersion, DeletedAncestor, StoredDataset } from '../../contracts/dataset.ts';

type Versions = Pick<StoredDataset, 'versions' | 'ancestors'>;

/** The digests of a version's ancestors, deleted ones included, the oldest first. */
export function lineageOf(digest: string, record: Versions): string[] {
  const parents = parentsIn(record);
  const lineage = new Set<string>();
  let parent = parents.get(digest);
  // The record lacks the ancestors that an earlier release deleted: their manifests may be gone. If one is imported again,
  // its parent may be its own descendant.
  while (parent !== undefined && parent !== digest && parents.has(parent) && !lineage.has(parent)) {
    lineage.add(parent);
    parent = parents.get(parent);
  }
  return [...lineage].reverse();
}

/** The digest of a lineage: it changes with each ancestor. @param lineage the oldest first */
export function lineageDigest(lineage: readonly string[]): string {
  return beginningDigests(lineage)[lineage.length] ?? '';
}

/** The digests of a lineage's beginnings: without any ancestor, with the oldest, with the two oldest, and so on. */
export function beginningDigests(lineage: readonly string[]): string[] {
  const hash = createHash('sha256');
  const now = () => `sha256-${hash.copy().digest('hex')}`;
  return [
    now(),
    ...lineage.map((digest) => {
      hash.update(`${digest}\n`);
      return now();
    }),
  ];
}

/**
 * The digest of the version that descends from another one through the most versions; its own if none does. A version
 * with this parent has all of them as ancestors, also if an import has returned to an earlier one. Earlier releases gave
 * a version several children: of these, only the longest line counts.
 */
export function lastDescendant(digest: string, record: Versions): string {
  const children = Map.groupBy(parentsIn(record), ([, parent]) => parent);
  const seen = new Set([digest]);
  let last = digest;
  for (let level = [digest]; level.length > 0; ) {
    last = level.at(-1) ?? last;
    level = level.flatMap((parent) => (children.get(parent) ?? []).map(([child]) => child)).filter((child) => !seen.has(child));
    for (const child of level) seen.add(child);
  }
  return last;
}

/** The deleted versions from which the remaining ones descend. @param record before the deletion */
export function deletedAncestors(record: Versions, remaining: readonly DatasetVersion[]): DeletedAncestor[] {
  const parents = parentsIn(record);
  const present = new Set(remaining.map(({ digest }) => digest));
  const seen = new Set<string>();
  const deleted: DeletedAncestor[] = [];
  for (const version of remaining) {
    let digest = version.parent;
    while (digest !== undefined && parents.has(digest) && !seen.has(digest)) {
      seen.add(digest);
      const parent = parents.get(digest);
      if (!present.has(digest)) deleted.push({ digest, ...(parent !== undefined && { parent }) });
      digest = parent;
    }
  }
  return deleted;
}

function parentsIn({ versions, ancestors = [] }: Versions): ReadonlyMap<string, string | undefined> {
  return new Map([...ancestors, ...versions].map(({ digest, parent }) => [digest, parent]));
}
