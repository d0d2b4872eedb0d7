import { type ManifestRow, SplitPart } from '../contracts/dataset.ts';
import type { SplitShares } from '../contracts/job-spec.ts';
import { type RandomStream, randomStream } from '../random.ts';
import { byText } from './by-path.ts';
import { type Clusters, inseparable } from './clusters.ts';
import type { Dataset } from './dataset-store.ts';
import { dealSets } from './deal-sets.ts';

/** Numbers of a data set's rows, in ascending order; every row is in one part. */
export interface Split {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
  /** Rows that belong together, and which the manifest or an earlier version has put into several parts: they stay there. */
  readonly torn: readonly (readonly number[])[];
}

/** Parts of images that were dealt before, by their SHA-256. */
export type EarlierParts = ReadonlyMap<string, SplitPart>;

/**
 * Deals a data set out. What the manifest gives stays as given, but where it gives no validation, a share of the training is held
 * out for it. What an earlier version of the data set has dealt stays where it was. All else is dealt at random, each class by its
 * shares within one image (`apportion` says how small classes fare), and what belongs together on one side: the same bytes, the
 * same picture in other bytes, one group; that may move a class's counts by the largest such set.
 *
 * The split depends on the data set's digest, the shares, the seed and the earlier parts, and on nothing else.
 */
export function splitDataset(
  { digest, rows }: Pick<Dataset, 'digest' | 'rows'>,
  shares: SplitShares,
  seed: number,
  earlier: EarlierParts = new Map(),
): Split {
  const random = randomStream(seed, 'split', digest, shares.train, shares.validation, shares.test);
  const order = [...rows.keys()].sort((a, b) => byText(rows[a]?.path ?? '', rows[b]?.path ?? ''));
  const sorted = order.flatMap((row) => rows[row] ?? []);
  const together = inseparable(sorted);
  const parts = assignParts(sorted, together, shares, random, earlier);
  const original = (places: readonly number[]): number[] => places.flatMap((place) => order[place] ?? []).sort((a, b) => a - b);
  const rowsOf = (part: SplitPart): number[] => original([...sorted.keys()].filter((place) => parts[place] === part));
  return {
    train: rowsOf('train'),
    validation: rowsOf('validation'),
    test: rowsOf('test'),
    torn: together
      .several()
      .filter((set) => new Set(set.map((place) => parts[place])).size > 1)
      .map(original),
  };
}

/** @returns the part of each row */
function assignParts(
  rows: readonly ManifestRow[],
  together: Clusters,
  shares: SplitShares,
  random: RandomStream,
  earlier: EarlierParts,
): (SplitPart | undefined)[] {
  const sets = Map.groupBy(rows.keys(), together.first);
  const isCarved = holdsOut(rows);
  const parts = rows.map((row) => fixedPart(row, isCarved, earlier));
  for (const set of sets.values()) follow(set, rows, parts, isCarved);
  // Validation out of the given training first; then, knowing that, what nobody has put anywhere.
  const given = [...rows.keys()].filter((row) => rows[row]?.split === 'train');
  if (isCarved) dealRows(given, rows, parts, sets, heldOut(shares), random);
  dealRows(rows.keys(), rows, parts, sets, shares, random);
  return parts;
}

/** Whether the manifest gives training images and none for validation. */
function holdsOut(rows: readonly ManifestRow[]): boolean {
  return rows.some(({ split }) => split === 'train') && rows.every(({ split }) => split !== 'validation');
}

function heldOut({ train, validation }: SplitShares): SplitShares {
  return { train: train / (train + validation), validation: validation / (train + validation), test: 0 };
}

function fixedPart({ split, sha256 }: ManifestRow, isCarved: boolean, earlier: EarlierParts): SplitPart | undefined {
  const before = earlier.get(sha256);
  if (split === undefined) return before;
  if (split === 'train' && isCarved) return before === 'test' ? 'train' : before;
  return split;
}

/** Lets the free rows of a set follow those that have a part: the most of them, of several the first. */
function follow(set: readonly number[], rows: readonly ManifestRow[], parts: (SplitPart | undefined)[], isCarved: boolean): void {
  const fixed = set.flatMap((row) => parts[row] ?? []);
  if (fixed.length === 0) return;
  const count = (part: SplitPart): number => fixed.filter((other) => other === part).length;
  const most = SplitPart.options.reduce((best, part) => (count(part) > count(best) ? part : best));
  for (const row of set) {
    const mayNotTest = isCarved && rows[row]?.split === 'train' && most === 'test';
    parts[row] ??= mayNotTest ? 'train' : most;
  }
}

/** Deals the rows of a scope that have no part yet, so that all of the scope comes near the shares. */
function dealRows(
  scope: Iterable<number>,
  rows: readonly ManifestRow[],
  parts: (SplitPart | undefined)[],
  sets: ReadonlyMap<number, readonly number[]>,
  { train, validation, test }: SplitShares,
  random: RandomStream,
): void {
  const inScope = new Set(scope);
  const images = (numbers: readonly number[]) => numbers.map((row) => ({ row, labels: labelsOf(rows[row]), part: parts[row] }));
  const fixed = images([...inScope].filter((row) => parts[row] !== undefined));
  const free = [...sets.values()]
    .map((set) => images(set.filter((row) => inScope.has(row) && parts[row] === undefined)))
    .filter((set) => set.length > 0);
  const dealt = dealSets(
    free.map((set) => set.map(({ labels }) => labels)),
    fixed.map(({ labels, part }) => ({ labels, part: part === undefined ? 0 : SplitPart.options.indexOf(part) })),
    [train, validation, test],
    random,
  );
  for (const [index, set] of free.entries()) for (const { row } of set) parts[row] = SplitPart.options[dealt[index] ?? 0];
}

/** An image without a label is of the class of those that have none. */
function labelsOf(row: ManifestRow | undefined): readonly string[] {
  return row === undefined || row.labels.length === 0 ? [''] : row.labels;
}
