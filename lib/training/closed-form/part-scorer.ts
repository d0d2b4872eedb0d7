import { at } from '../../arithmetic.ts';
import { gatherColumns, gatherRows } from '../examples.ts';
import type { ClosedFormOptions } from './choose-mixture.ts';
import { blocksOf, columnsOfBlocks, withoutGrids } from './feature-block.ts';
import { type BlockWeighting, weightedStandardization } from './kernel.ts';
import { gram, multiply } from './matrix-products.ts';
import { centreTargets } from './scores.ts';
import { solveRidge } from './solve-ridge.ts';
import { applyStandardization } from './standardize.ts';

/** Ridge regressions on parts of some rows. All of them use the same products of pairs of rows. */
export interface PartScorer {
  /**
   * Fits a regression to a part of the rows, and applies it.
   * @param part indexes of rows
   * @param others indexes of other rows
   * @returns scores of the other rows, float32 [others, classes]
   */
  score(part: readonly number[], ridge: number, others: readonly number[]): Promise<Float32Array>;
}

/** Rows to fit regressions to. */
export interface PartRows {
  /** float32 [count, width] */
  readonly inputs: Float32Array;
  /** float32 [count, classes] */
  readonly targets: Float32Array;
  readonly count: number;
}

/**
 * Opens the regressions on parts of `rows`. The scales of the columns come from all of them, labelled or not.
 * @param others inputs of other rows, float32 [others, width]
 */
export async function openPartScorer(
  { inputs, targets, count }: PartRows,
  others: Float32Array,
  weighting: BlockWeighting,
  { task, blocks, yieldToEventLoop }: Omit<ClosedFormOptions, 'weights'>,
): Promise<PartScorer> {
  const width = inputs.length / count;
  const classes = targets.length / count;
  const whole = withoutGrids(blocks);
  const columns = columnsOfBlocks(whole);
  const own = gatherColumns(inputs, width, columns);
  const standardization = weightedStandardization(own, count, blocksOf(whole), weighting);
  const standardized = (some: Float32Array) => applyStandardization(some, some.length / columns.size, standardization);
  const rows = { values: standardized(own), rows: count };
  const otherRows = { values: standardized(gatherColumns(others, width, columns)), rows: others.length / width };
  const kernel = await gram(rows.values, count);
  await yieldToEventLoop();
  const across = await multiply(otherRows, rows, 'second');
  await yieldToEventLoop();
  return {
    async score(part, ridge, wanted) {
      const weights = new Float64Array(part.length).fill(1);
      const centred = centreTargets(gatherRows(targets, classes, part), classes, task, weights);
      const dual = await solveRidge(pairsOf(kernel, count, part, part), ridge, { weights, centred, yieldToEventLoop });
      const ofWanted = { values: Float32Array.from(pairsOf(across, count, wanted, part)), rows: wanted.length };
      const scores = await multiply(ofWanted, { values: Float32Array.from(dual), rows: part.length });
      return scores.map((score, i) => score + at(centred.offset, i % classes));
    },
  };
}

/** The kernel of some rows and columns, with the intercept's 1, [rows, columns]. @param products [*, width] */
function pairsOf(products: ArrayLike<number>, width: number, rows: readonly number[], columns: readonly number[]): Float64Array {
  const pairs = new Float64Array(rows.length * columns.length);
  let i = 0;
  for (const row of rows) for (const column of columns) pairs[i++] = (products[row * width + column] ?? 0) + 1;
  return pairs;
}
