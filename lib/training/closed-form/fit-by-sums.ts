import { at, product } from '../../arithmetic.ts';
import { type Examples, selectColumns } from '../examples.ts';
import { factorizePacked } from './cholesky.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { blocksOf, columnsOfBlocks } from './feature-block.ts';
import { blockWeights, usedBlocks } from './kernel.ts';
import { averageSolutions, type LinearHead, type RidgeSolution } from './linear-head.ts';
import { packedSize } from './packed-gram.ts';
import type { RowSums } from './row-sums.ts';
import { offsetOf, targetCentre } from './scores.ts';
import { type Standardization, standardize } from './standardize.ts';
import { type Sums, sumRows, totalSums } from './sums.ts';

/**
 * Fits each term of a mixture by sums over the rows, for more rows than columns. Reads the rows once.
 * @param examples inputs [width]
 */
export async function fitBySums(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  options: ClosedFormOptions,
): Promise<LinearHead> {
  const blocks = usedBlocks(options.blocks, mixture);
  const columns = columnsOfBlocks(blocks);
  const width = product(examples.inputShape);
  if (columns.size === width) return solveSums(await sumRows(examples, options), mixture, { ...options, blocks });
  // The quarters of maps, which come first, would double the sums.
  const sums = await sumRows(selectColumns(examples, columns), options);
  const { kernel: ofColumns, bias } = await solveSums(sums, mixture, { ...options, blocks: blocksOf(blocks) });
  const kernel = new Float32Array(width * bias.length);
  kernel.set(ofColumns, columns.start * bias.length);
  return { kernel, bias };
}

/**
 * Fits each term of a mixture, a ridge regression, to the rows that were summed, and averages them. The moments in the
 * sums give the standardization, and the products of standardized columns with each other and with centred targets.
 * @throws DataError EXAMPLE_WEIGHTS_ZERO; RangeError for a term that is no ridge regression
 */
export async function solveSums(
  sums: Sums,
  mixture: readonly MixtureTerm[],
  { task, blocks, yieldToEventLoop }: Omit<ClosedFormOptions, 'weights'>,
): Promise<LinearHead> {
  if (mixture.some(({ model }) => model !== 'ridge')) throw new RangeError('sums determine ridge regressions only');
  const total = totalSums(sums);
  const standardization = standardize(total, blocks);
  const centre = targetCentre(task, total.targets, total.weight);
  const standardized: StandardizedSums = { total, standardization, centre };
  const solutions: { term: MixtureTerm; solution: RidgeSolution }[] = [];
  for (const term of mixture) {
    const factors = columnFactors(standardization, blockWeights(blocks, term), blocks);
    solutions.push({ term, solution: await solveTerm(standardized, factors, term.ridge, yieldToEventLoop) });
  }
  return averageSolutions(solutions, { blocks, standardization, offset: offsetOf(task, centre) });
}

interface StandardizedSums {
  readonly total: RowSums;
  readonly standardization: Standardization;
  /** [classes]: subtracted from the targets. */
  readonly centre: Float64Array;
}

/** A column that a term uses: its scale, and the root of its block's weight. */
interface ColumnFactor {
  readonly column: number;
  readonly scale: number;
  readonly root: number;
}

/** Leaves out the columns that a term does not use: those of a block without weight, and those that never vary. */
function columnFactors(
  { scale }: Standardization,
  weights: readonly number[],
  blocks: ClosedFormOptions['blocks'],
): ColumnFactor[] {
  return blocks.flatMap(({ start, size }, block) => {
    const root = Math.sqrt(weights[block] ?? 0);
    const columns = Array.from({ length: size }, (_, i) => ({ column: start + i, scale: at(scale, start + i), root }));
    return columns.filter((column) => column.scale * root > 0);
  });
}

/** Solves one ridge regression on the standardized columns and the intercept, a last column of ones. */
async function solveTerm(
  { total, standardization: { mean }, centre }: StandardizedSums,
  columns: readonly ColumnFactor[],
  ridge: number,
  yieldToEventLoop: () => Promise<void>,
): Promise<RidgeSolution> {
  const { weight, scatter, products, targets } = total;
  const [width, classes, size] = [mean.length, centre.length, columns.length + 1];
  const factors = Float64Array.from(columns, ({ scale, root }) => scale * root);
  // The rows are standardized by their plain means, and the sums are about their weighted means.
  const shifts = Float64Array.from(columns, ({ column }) => at(total.centre, column) - at(mean, column));
  const centred = centre.map((share, label) => at(targets, label) - weight * share);
  const matrix = new Float64Array(packedSize(size));
  const right = new Float64Array(size * classes);
  for (const [i, { column }] of columns.entries()) {
    const own = packedSize(column);
    for (let j = 0; j <= i; j++) {
      const product = at(scatter, own + (columns[j]?.column ?? 0)) + weight * at(shifts, i) * at(shifts, j);
      matrix[packedSize(i) + j] = product * at(factors, i) * at(factors, j) + (i === j ? ridge : 0);
    }
    matrix[packedSize(size - 1) + i] = weight * at(shifts, i) * at(factors, i);
    for (let label = 0; label < classes; label++)
      right[i * classes + label] = at(factors, i) * (at(products, label * width + column) + at(shifts, i) * at(centred, label));
  }
  matrix[matrix.length - 1] = weight + ridge;
  right.set(centred, (size - 1) * classes);
  const solution = await (await factorizePacked(matrix, size, yieldToEventLoop)).solve(right);
  const solved = new Map(columns.map(({ column, root }, index) => [column, { index, root }]));
  return {
    // A column is scaled by the root of its block's weight, and the solution must be multiplied by the whole weight.
    coefficient: (column, label) => {
      const found = solved.get(column);
      return found === undefined ? 0 : at(solution, found.index * classes + label) / found.root;
    },
    intercept: (label) => at(solution, (size - 1) * classes + label),
  };
}
