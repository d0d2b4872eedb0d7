import { product } from '../../arithmetic.ts';
import { batchRows, type Examples } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { blockWeights } from './kernel.ts';
import { addToDiagonal, dot, gram, scaleBothSides, scaleRows, solve, transpose } from './linear-algebra.ts';
import { averageSolutions, type LinearHead, type RidgeSolution } from './linear-head.ts';
import type { CentredTargets } from './scores.ts';
import { applyStandardization, openMoments, type Standardization } from './standardize.ts';

/** Rows that are added to the sums at once. Fixed, because the order of additions changes the result. */
const ROWS_AT_ONCE = 512;

/**
 * Fits each term of a mixture by sums over the rows, for more rows than columns. Memory does not grow with the number
 * of rows.
 * @param examples inputs [width]
 */
export async function fitBySums(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  options: ClosedFormOptions & { readonly centred: CentredTargets },
): Promise<LinearHead> {
  const { blocks, centred, yieldToEventLoop } = options;
  const classes = centred.centre.length;
  const standardization = await standardizeInParts(examples, options);
  const { squares, products } = await sumProducts(examples, standardization, options);
  const size = standardization.mean.length + 1;

  const solveTerm = async ({ share, ridge }: MixtureTerm): Promise<RidgeSolution> => {
    const scale = columnScale(blocks, share, size);
    const matrix = scaleBothSides(squares, scale);
    addToDiagonal(matrix, size, ridge);
    const solution = await solve(matrix, scaleRows(products, scale), classes, yieldToEventLoop);
    return {
      // A column is scaled by the root of its block's weight, and the solution must be multiplied by the whole weight.
      coefficient: (column, label) => (solution[column * classes + label] ?? 0) / (scale[column] ?? 1),
      intercept: (label) => solution[(size - 1) * classes + label] ?? 0,
    };
  };
  const solutions: { term: MixtureTerm; solution: RidgeSolution }[] = [];
  for (const term of mixture) solutions.push({ term, solution: await solveTerm(term) });
  return averageSolutions(solutions, { blocks, standardization, offset: centred.offset });
}

async function standardizeInParts(examples: Examples, { blocks }: ClosedFormOptions): Promise<Standardization> {
  const moments = openMoments(product(examples.inputShape));
  for (const part of batchRows(examples.count, ROWS_AT_ONCE)) {
    const { inputs } = await examples.gather(part);
    moments.add(inputs, part.length);
  }
  return moments.standardize(blocks);
}

/**
 * Computes weighted sums of products over all rows; the intercept is an additional column of ones.
 * @returns `squares` [columns, columns] of pairs of columns, `products` [columns, classes] of columns and targets
 */
async function sumProducts(
  examples: Examples,
  standardization: Standardization,
  { weights, centred, yieldToEventLoop }: ClosedFormOptions & { readonly centred: CentredTargets },
): Promise<{ readonly squares: Float64Array; readonly products: Float64Array }> {
  const classes = centred.centre.length;
  const size = standardization.mean.length + 1;
  const squares = new Float64Array(size * size);
  const products = new Float64Array(size * classes);
  for (const part of batchRows(examples.count, ROWS_AT_ONCE)) {
    await yieldToEventLoop();
    const { inputs } = await examples.gather(part);
    const roots = Float64Array.from(part, (row) => Math.sqrt(weights[row] ?? 0));
    const rootOf = (row: number) => roots[row] ?? 0;
    const columns = new Float64Array(size * part.length).fill(1);
    columns.set(transpose(applyStandardization(inputs, part.length, standardization), part.length));
    const weighted = columns.map((value, i) => value * rootOf(i % part.length));
    const targets = Float64Array.from({ length: classes * part.length }, (_, i) => {
      const [label, row] = [Math.floor(i / part.length), i % part.length];
      return (centred.values[(part[row] ?? 0) * classes + label] ?? 0) * rootOf(row);
    });
    for (const [i, product] of gram(Float32Array.from(weighted), size).entries()) squares[i] = (squares[i] ?? 0) + product;
    for (let column = 0; column < size; column++) {
      const ofColumn = weighted.subarray(column * part.length, (column + 1) * part.length);
      for (let label = 0; label < classes; label++) {
        const product = dot(ofColumn, targets.subarray(label * part.length, (label + 1) * part.length));
        products[column * classes + label] = (products[column * classes + label] ?? 0) + product;
      }
    }
  }
  return { squares, products };
}

/** Computes the factor of each column: the root of its block's weight, and 1 for the intercept. */
function columnScale(blocks: ClosedFormOptions['blocks'], share: number, size: number): Float64Array {
  const scale = new Float64Array(size).fill(1);
  const weights = blockWeights(blocks, share);
  for (const [index, { start, size: columns }] of blocks.entries())
    scale.fill(Math.sqrt(weights[index] ?? 0), start, start + columns);
  return scale;
}
