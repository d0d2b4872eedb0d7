import { type ManifestRow, SplitPart } from '../../contracts/dataset.ts';
import type { SplitShares } from '../../contracts/job-spec.ts';
import { type RandomStream, randomStream } from '../../random.ts';
import { groupRelated } from '../duplicates/clusters.ts';
import { buildGroups, type Groups } from '../tables/groups.ts';
import { byText } from '../tables/order.ts';
import { type Rows, rowsFrom } from '../tables/rows.ts';
import type { Dataset } from '../versions/dataset-store.ts';
import { assignGroups, labelsOf, type SplitGroups } from './assign-groups.ts';

/** Row numbers of each set, in ascending order; every row is in one set. */
export interface Split {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
  /** Related rows that the manifest or an earlier version assigned to several sets, where they stay. */
  readonly leakingGroups: readonly (readonly number[])[];
}

/** The rows of training and validation set together, in ascending order. */
export function trainAndValidationRows({ train, validation }: Pick<Split, 'train' | 'validation'>): number[] {
  return [...train, ...validation].sort((a, b) => a - b);
}

/** Sets of an earlier version, by SHA-256. */
export interface EarlierParts {
  get(sha256: string): SplitPart | undefined;
}

/**
 * Splits a data set. Rows with a split in the manifest keep it; if the manifest gives no validation images, a share of
 * the training images is held out. Rows of an earlier version keep their set. All other rows are assigned at random:
 * each class by its shares to within one image (see `apportion` for small classes), with related images (equal bytes,
 * the same picture in other bytes, one group) in one set, which can move a class's counts by the size of the largest
 * group. The split depends only on the data set's digest, the shares, the seed and the earlier sets.
 */
export function splitDataset(
  { digest, rows }: Pick<Dataset, 'digest' | 'rows'>,
  shares: SplitShares,
  seed: number,
  earlier: EarlierParts = new Map(),
): Split {
  const random = randomStream(seed, 'split', digest, shares.train, shares.validation, shares.test);
  const order = orderByPath(rows);
  const sorted = rowsFrom(rows.length, (index) => rows.at(order[index] ?? -1));
  const together = groupRelated(sorted);
  const parts = assignParts(sorted, together.sets(), shares, random, earlier);
  const rowsOf = (part: SplitPart): number[] => {
    const wanted: number[] = [];
    for (const [index, row] of order.entries()) if (parts[index] === numberOf(part)) wanted.push(row);
    return wanted.sort((a, b) => a - b);
  };
  return {
    train: rowsOf('train'),
    validation: rowsOf('validation'),
    test: rowsOf('test'),
    leakingGroups: together
      .several()
      .filter((set) => new Set(set.map((index) => parts[index])).size > 1)
      .map((set) => set.flatMap((index) => order[index] ?? []).sort((a, b) => a - b)),
  };
}

/** Where rows come by path already, as those of a manifest do, no path is held. */
function orderByPath(rows: Rows): Uint32Array {
  const order = new Uint32Array(rows.length).map((_, row) => row);
  let isSorted = true;
  let before = '';
  for (const { path } of rows) {
    isSorted &&= byText(before, path) <= 0;
    before = path;
  }
  if (isSorted) return order;
  const paths = rows.map(({ path }) => path);
  return order.sort((a, b) => byText(paths[a] ?? '', paths[b] ?? ''));
}

/** Parts as bytes; 0 is none yet. */
function numberOf(part: SplitPart | undefined): number {
  return part === undefined ? 0 : SplitPart.options.indexOf(part) + 1;
}

const NONE = numberOf(undefined);
const TRAIN = numberOf('train');
const TEST = numberOf('test');

/** What of the rows decides where they go. */
interface Table {
  /** An image without a label is of the class of those that have none. */
  readonly labels: readonly (readonly string[])[];
  /** The part that the manifest has put each row into. */
  readonly given: Uint8Array;
  /** The part that each row is in. */
  readonly parts: Uint8Array;
  readonly sets: Groups;
}

/** @returns the part of each row */
function assignParts(rows: Rows, sets: Groups, shares: SplitShares, random: RandomStream, earlier: EarlierParts): Uint8Array {
  const labels = rows.map(labelsOf);
  const given = Uint8Array.from(rows.map(({ split }) => numberOf(split)));
  const isCarved = given.includes(TRAIN) && !given.includes(numberOf('validation'));
  const parts = Uint8Array.from(rows.map((row) => numberOf(fixedPart(row, isCarved, earlier))));
  const table: Table = { labels, given, parts, sets };
  for (let set = 0; set < sets.length; set++) follow(sets.at(set), table, isCarved);
  // Validation out of the given training first; then, knowing that, what nobody has put anywhere.
  if (isCarved) assignRows(table, (row) => given[row] === TRAIN, holdOut(shares), random);
  assignRows(table, () => true, shares, random);
  return parts;
}

function holdOut({ train, validation }: SplitShares): SplitShares {
  return { train: train / (train + validation), validation: validation / (train + validation), test: 0 };
}

function fixedPart({ split, sha256 }: ManifestRow, isCarved: boolean, earlier: EarlierParts): SplitPart | undefined {
  const before = earlier.get(sha256);
  if (split === undefined) return before;
  if (split === 'train' && isCarved) return before === 'test' ? 'train' : before;
  return split;
}

/** Lets the free rows of a set follow those that have a part: the most of them, of several the first. */
function follow(set: Uint32Array, { parts, given }: Table, isCarved: boolean): void {
  const counts = [0, 0, 0, 0];
  for (const row of set) counts[parts[row] ?? NONE] = (counts[parts[row] ?? NONE] ?? 0) + 1;
  if (counts[NONE] === set.length || counts[NONE] === 0) return;
  const fixed = counts.slice(1);
  const most = fixed.indexOf(Math.max(...fixed)) + 1;
  for (const row of set) {
    if (parts[row] !== NONE) continue;
    parts[row] = isCarved && given[row] === TRAIN && most === TEST ? TRAIN : most;
  }
}

/** Assigns the rows of a scope that have no part yet, so that all of the scope comes near the shares. */
function assignRows(
  { labels, parts, sets }: Table,
  isInScope: (row: number) => boolean,
  { train, validation, test }: SplitShares,
  random: RandomStream,
): void {
  const free = buildGroups(parts.length);
  for (let set = 0; set < sets.length; set++) {
    for (const row of sets.at(set)) if (parts[row] === NONE && isInScope(row)) free.add(row);
    free.end();
  }
  const splitGroups: SplitGroups = {
    sets: free.sets(),
    assigned: new Uint32Array(parts.length).map((_, row) => row).filter((row) => parts[row] !== NONE && isInScope(row)),
    partOf: (row) => (parts[row] ?? TRAIN) - 1,
    labelsOf: (row) => labels[row] ?? [],
    training: TRAIN - 1,
  };
  const assigned = assignGroups(splitGroups, [train, validation, test], random);
  for (const [set, part] of assigned.entries()) for (const row of splitGroups.sets.at(set)) parts[row] = Math.max(part, 0) + 1;
}
