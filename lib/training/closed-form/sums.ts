import { product } from '../../arithmetic.ts';
import { batchRows, type Examples } from '../examples.ts';
import { addRows, copySums, emptySums, joinSums, type RowSums } from './row-sums.ts';

/** Rows of a block. Fixed, because the order of additions changes the last digits of a sum. */
export const ROWS_PER_BLOCK = 2048;
/** Rows that are read and added at once. Fixed for the same reason. */
const ROWS_AT_ONCE = 128;

/**
 * Sums over some of a set's blocks of rows, from which `solveSums` fits a head.
 *
 * Additions of floating-point numbers are not associative. So that the sums of shards add up to the same bytes,
 * however the rows were divided into shards, each number is the sum of one fixed tree: blocks of `ROWS_PER_BLOCK` rows
 * are the leaves, in the order of their numbers, and two neighbours are added as soon as both are known (2k with
 * 2k + 1, then their sum with that of the next pair, and so on). Sums are therefore the list of the largest complete
 * subtrees, which depends on the set of blocks alone. It has at most one subtree per bit of the number of blocks: 49
 * blocks (100,000 rows) are three, and a stream of them holds six at a time.
 */
export interface Sums {
  readonly width: number;
  readonly classes: number;
  /** Complete subtrees, in the order of their blocks; no two are halves of a larger one. */
  readonly trees: readonly SumTree[];
  /** Rows that were subtracted. The last digits depend on the order of subtractions. */
  readonly removed?: RowSums;
}

/** The sums of the blocks from `index * 2 ** level` up to `(index + 1) * 2 ** level`. */
export interface SumTree {
  readonly level: number;
  readonly index: number;
  readonly sums: RowSums;
}

export interface SumOptions {
  /** [count]: the weight of each example. */
  readonly weights: Float64Array;
  /** Number of the first block of these rows among the blocks of the whole set; default: 0. */
  readonly firstBlock?: number;
  /** Called before each part of a block. */
  readonly yieldToEventLoop: () => Promise<void>;
}

/**
 * Sums the rows of a shard in one pass. It reads a few hundred rows at a time, so memory does not grow with the number
 * of rows, but for a subtree each time it doubles.
 * @param examples inputs [width]; a shard of whole blocks, of which only the set's last one may be short
 * @throws RuntimeError FEATURES_NOT_FINITE
 */
export async function sumRows(examples: Examples, { weights, firstBlock = 0, yieldToEventLoop }: SumOptions): Promise<Sums> {
  const [width, classes] = [product(examples.inputShape), examples.classes];
  let trees: readonly SumTree[] = [];
  let sums = emptySums(width, classes);
  for (const part of batchRows(examples.count, ROWS_AT_ONCE)) {
    await yieldToEventLoop();
    const { inputs, targets } = await examples.gather(part);
    sums = await addRows(sums, { inputs, targets, weights: Float64Array.from(part, (row) => weights[row] ?? 0) });
    const end = (part.at(-1) ?? 0) + 1;
    if (end % ROWS_PER_BLOCK !== 0 && end !== examples.count) continue;
    const index = firstBlock + Math.ceil(end / ROWS_PER_BLOCK) - 1;
    // No one else has the arrays of these trees yet, so they need no copy.
    trees = joinTrees([...trees, { level: 0, index, sums }], (left, right) => joinSums(left, right, 1));
    sums = emptySums(width, classes);
  }
  return { width, classes, trees };
}

/**
 * Adds the sums of two shards of a set. Without subtracted rows, the result is the same byte for byte in any order and
 * grouping of the shards.
 * @throws RangeError if the shards differ in columns or classes, or have a block in common
 */
export function addSums(a: Sums, b: Sums): Sums {
  checkShapes(a, b);
  const trees = [...a.trees, ...b.trees].sort((one, other) => startOf(one) - startOf(other));
  for (const [i, tree] of trees.entries()) {
    const next = trees[i + 1];
    if (next !== undefined && startOf(next) < endOf(tree)) throw new RangeError(`two sums have block ${startOf(next)}`);
  }
  const removed = a.removed && b.removed ? joinSums(copySums(a.removed), b.removed, 1) : (a.removed ?? b.removed);
  return {
    width: a.width,
    classes: a.classes,
    trees: joinTrees(trees, (left, right) => joinSums(copySums(left), right, 1)),
    ...(removed && { removed }),
  };
}

/**
 * Removes rows from sums that contain them, whatever their blocks: images that a data set no longer has. Each number
 * keeps about 15 digits of the largest sum that the rows were part of.
 * @throws RangeError if the sums differ in columns or classes
 */
export function subtractSums(from: Sums, rows: Sums): Sums {
  checkShapes(from, rows);
  const more = totalSums(rows);
  return { ...from, removed: from.removed === undefined ? more : joinSums(copySums(from.removed), more, 1) };
}

/** Adds all blocks, in the order of their numbers, and subtracts the removed rows. */
export function totalSums({ width, classes, trees, removed }: Sums): RowSums {
  let total = emptySums(width, classes);
  for (const { sums } of trees) total = joinSums(total, sums, 1);
  return removed === undefined ? total : joinSums(total, removed, -1);
}

/** @param trees in the order of their blocks */
function joinTrees(trees: readonly SumTree[], join: (left: RowSums, right: RowSums) => RowSums): SumTree[] {
  const joined: SumTree[] = [];
  for (const tree of trees) {
    let last = tree;
    for (let left = joined.at(-1); left !== undefined && areHalves(left, last); left = joined.at(-1)) {
      joined.pop();
      last = { level: last.level + 1, index: left.index / 2, sums: join(left.sums, last.sums) };
    }
    joined.push(last);
  }
  return joined;
}

function areHalves(left: SumTree, right: SumTree): boolean {
  return left.level === right.level && left.index % 2 === 0 && left.index + 1 === right.index;
}

function startOf({ level, index }: SumTree): number {
  return index * 2 ** level;
}

function endOf({ level, index }: SumTree): number {
  return (index + 1) * 2 ** level;
}

function checkShapes(a: Sums, b: Sums): void {
  if (a.width === b.width && a.classes === b.classes) return;
  throw new RangeError(`sums of ${a.width} columns and ${a.classes} classes, and of ${b.width} and ${b.classes}`);
}
