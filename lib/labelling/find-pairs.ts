import type { ManifestRow } from '../contracts/dataset.ts';
import type { DoubtfulPairs } from '../contracts/find-images.ts';
import { findDuplicates } from '../datasets/duplicates/find-duplicates.ts';
import { labelledRows, type Rows } from '../datasets/tables/rows.ts';
import { suspectLabels } from '../features/suspect-labels.ts';
import { keepRecent } from '../keep-recent.ts';
import { gatherRows } from '../training/examples.ts';
import { isTest } from './distinct-images.ts';
import type { OpenSpace, PreparedSpaces } from './prepared-spaces.ts';
import type { VersionView } from './version-view.ts';

interface Pair {
  readonly kind: DoubtfulPairs['pairs'][number]['kind'];
  readonly left: ManifestRow;
  readonly right: ManifestRow;
}

/** What is known of a version. */
interface KnownPairs {
  readonly duplicates: readonly Pair[];
  /** Shared by all requests; undefined before the first one that has features. */
  suspects: Promise<readonly Pair[]> | undefined;
}

/** Versions whose pairs stay in memory: a page asks for them again and again while features are computed. */
const MOST_VERSIONS = 4;
const knownBy = new WeakMap<PreparedSpaces, Map<string, KnownPairs>>();

/**
 * Finds pairs of labelled images whose labels contradict each other: identical and similar pictures with different
 * labels, and images whose nearest neighbours have another label. Labels that a person has confirmed are left out, unless
 * the pictures are identical. Test images are not suspected: to correct those that the features contradict, and only
 * those, would raise the accuracy that is measured on them. It compares the images of a version once.
 * @throws as `PreparedSpaces.find`
 */
export async function findPairs(
  view: VersionView,
  { limit }: { readonly limit: number },
  spaces: PreparedSpaces,
): Promise<DoubtfulPairs> {
  const { dataset, digest, rows, images, store, expiresAt, describe } = view;
  const versions = knownBy.get(spaces) ?? new Map<string, KnownPairs>();
  knownBy.set(spaces, versions);
  const found = spaces.find(images, store);
  const known: KnownPairs = versions.get(digest) ?? { duplicates: pairDuplicates(rows), suspects: undefined };
  keepRecent(versions, digest, known, MOST_VERSIONS);
  const { duplicates } = known;
  const suspects = 'progress' in found ? [] : await suspectsOf(known, () => pairSuspects(rows, digest, found, spaces.signal));
  const paired = new Set(duplicates.flatMap(({ left, right }) => [left.path, right.path]));
  const pairs = [...duplicates, ...suspects.filter(({ left }) => !paired.has(left.path))];
  return {
    dataset,
    digest,
    ...('progress' in found ? { state: 'preparing', progress: found.progress } : { state: 'ready' }),
    pairs: await Promise.all(
      pairs.slice(0, limit).map(async ({ kind, left, right }) => ({
        kind,
        left: await describe(left, {}),
        right: await describe(right, {}),
      })),
    ),
    total: pairs.length,
    expiresAt,
  };
}

/** The suspect pairs, which only the first request finds. After a failure, the next one finds them again. */
function suspectsOf(known: KnownPairs, find: () => Promise<readonly Pair[]>): Promise<readonly Pair[]> {
  known.suspects ??= find().catch((error) => {
    known.suspects = undefined;
    throw error;
  });
  return known.suspects;
}

function byPathOf(labelled: Rows): ReadonlyMap<string, ManifestRow> {
  return new Map([...labelled].map((row) => [row.path, row]));
}

/** Of each group of duplicates, its first image with the first one of each other label that is not confirmed beside it. */
function pairDuplicates(all: Rows): Pair[] {
  const rows = labelledRows(all);
  const byPath = byPathOf(rows);
  return findDuplicates(rows).flatMap(({ paths, kind }) => {
    if (kind !== 'across-classes' && kind !== 'near-across-classes') return [];
    const [left, ...others] = paths.flatMap((path) => byPath.get(path) ?? []);
    if (left === undefined) return [];
    const named = kind === 'across-classes' ? ('identical' as const) : ('similar' as const);
    const doubtful = others.filter((right) => !areConfirmed(named, left, right));
    const firstOfLabel = new Map(doubtful.toReversed().map((row) => [row.labels[0], row]));
    firstOfLabel.delete(left.labels[0]);
    return [...firstOfLabel.values()].map((right) => ({ kind: named, left, right }));
  });
}

/** Of two similar pictures, both labels may be right; of identical ones, never. */
function areConfirmed(kind: Pair['kind'], left: ManifestRow, right: ManifestRow): boolean {
  return kind === 'similar' && left.confirmed === true && right.confirmed === true;
}

async function pairSuspects(
  all: Rows,
  digest: string,
  { space, rowOf }: OpenSpace,
  signal: AbortSignal,
): Promise<readonly Pair[]> {
  const rows = labelledRows(all);
  const byPath = byPathOf(rows);
  const spaceRows = rows.map(({ sha256 }) => rowOf.get(sha256) ?? 0);
  const labels = [...new Set(rows.map(({ labels: [label = ''] }) => label))].sort();
  const numberOf = new Map(labels.map((label, number) => [label, number]));
  const report = await suspectLabels(
    {
      shape: [space.width],
      count: rows.length,
      gather: async (some) =>
        gatherRows(
          space.vectors,
          space.width,
          some.map((row) => spaceRows[row] ?? 0),
        ),
      close: async () => {},
    },
    { digest, labels, rows, task: 'single-label', targets: rows.map(({ labels: [label = ''] }) => [numberOf.get(label) ?? 0]) },
    signal,
  );
  return (report?.suspects ?? []).flatMap(({ path, neighbours: [nearest] }) => {
    const [left, right] = [byPath.get(path), byPath.get(nearest?.path ?? '')];
    return left === undefined || right === undefined || isTest(left) ? [] : [{ kind: 'suspect' as const, left, right }];
  });
}
