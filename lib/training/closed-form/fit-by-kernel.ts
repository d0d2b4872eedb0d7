import { at, sum } from '../../arithmetic.ts';
import type { Batch } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { openKernelRows, usedBlocks } from './kernel.ts';
import { openKernelLogistic } from './kernel-logistic.ts';
import { dot, scaleRows, transpose } from './linear-algebra.ts';
import { averageSolutions, type LinearHead, type RidgeSolution } from './linear-head.ts';
import { packedSize } from './packed-gram.ts';
import type { CentredTargets } from './scores.ts';
import { solvePacked } from './solve-packed.ts';

/**
 * Fits each term of a mixture on the products of all pairs of rows; used if there are fewer rows than columns.
 * @param batch all rows: inputs float32 [count, width], targets [count, classes]
 */
export async function fitByKernel(
  { inputs, targets }: Pick<Batch, 'inputs' | 'targets'>,
  mixture: readonly MixtureTerm[],
  { blocks: all, weights, centred, yieldToEventLoop }: ClosedFormOptions & { readonly centred: CentredTargets },
): Promise<LinearHead> {
  const count = weights.length;
  const blocks = usedBlocks(all, mixture);
  const { rows, standardization, kernelOf } = await openKernelRows(inputs, count, { blocks, yieldToEventLoop });
  const columns = transpose(rows, count);
  const solveTerm = async (term: MixtureTerm): Promise<RidgeSolution> => {
    const kernel = kernelOf(term);
    const problem = { targets, weights, centred, yieldToEventLoop };
    const dual =
      term.model === 'ridge' ? await solveRidge(kernel, term.ridge, problem) : await solveLogistic(kernel, term.ridge, problem);
    const byClass = transpose(dual, count);
    const ofClass = (label: number) => byClass.subarray(label * count, (label + 1) * count);
    return {
      coefficient: (column, label) => dot(columns.subarray(column * count, (column + 1) * count), ofClass(label)),
      intercept: (label) => sum(ofClass(label)),
    };
  };
  const solutions: { term: MixtureTerm; solution: RidgeSolution }[] = [];
  for (const term of mixture) solutions.push({ term, solution: await solveTerm(term) });
  return averageSolutions(solutions, { blocks, standardization, offset: centred.offset });
}

interface DualProblem extends Pick<ClosedFormOptions, 'weights' | 'yieldToEventLoop'> {
  /** float32 [count, classes] */
  readonly targets: Float32Array;
  readonly centred: CentredTargets;
}

/**
 * Solves a ridge regression on a kernel.
 * @param kernel [count, count], including the intercept's 1
 * @returns [count, classes]: a row's scores are its kernel times these
 */
async function solveRidge(
  kernel: Float64Array,
  ridge: number,
  { weights, centred, yieldToEventLoop }: DualProblem,
): Promise<Float64Array> {
  const roots = weights.map(Math.sqrt);
  const count = roots.length;
  const matrix = new Float64Array(packedSize(count));
  for (let row = 0, i = 0; row < count; row++)
    for (let column = 0; column <= row; column++, i++)
      matrix[i] = at(kernel, row * count + column) * at(roots, row) * at(roots, column) + (row === column ? ridge : 0);
  const solution = await solvePacked(matrix, scaleRows(centred.values, roots), centred.centre.length, yieldToEventLoop);
  return scaleRows(solution, roots);
}

/**
 * Fits a logistic regression on a kernel.
 * @param kernel [count, count], including the intercept's 1
 * @returns [count, classes]
 */
async function solveLogistic(kernel: Float64Array, ridge: number, { targets, weights, yieldToEventLoop }: DualProblem) {
  const regression = openKernelLogistic({ kernel, targets, weights, leftOut: [[]], yieldToEventLoop });
  try {
    return Float64Array.from((await regression.fit(ridge)).dual);
  } finally {
    regression.close();
  }
}
