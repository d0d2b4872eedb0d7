import { at, at32, sumOf } from '../../arithmetic.ts';
import type { Batch } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { openKernelRows, usedBlocks } from './kernel.ts';
import { openKernelLogistic } from './kernel-logistic.ts';
import { averageSolutions, type LinearHead, type RidgeSolution } from './linear-head.ts';
import { multiply } from './matrix-products.ts';
import type { CentredTargets } from './scores.ts';
import { solveRidge } from './solve-ridge.ts';

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
  const { length: classes } = centred.centre;
  const solveTerm = async (term: MixtureTerm): Promise<RidgeSolution> => {
    const kernel = kernelOf(term);
    const problem = { targets, weights, centred, yieldToEventLoop };
    const dual =
      term.model === 'ridge' ? await solveRidge(kernel, term.ridge, problem) : await solveLogistic(kernel, term.ridge, problem);
    const coefficients = await multiply({ values: rows, rows: count }, { values: Float32Array.from(dual), rows: count }, 'first');
    return {
      coefficient: (column, label) => at32(coefficients, column * classes + label),
      intercept: (label) => sumOf(Array(count).keys(), (row) => at(dual, row * classes + label)),
    };
  };
  const solutions: { term: MixtureTerm; solution: RidgeSolution }[] = [];
  for (const term of mixture) solutions.push({ term, solution: await solveTerm(term) });
  return averageSolutions(solutions, { blocks, standardization, offset: centred.offset });
}

interface LogisticProblem extends Pick<ClosedFormOptions, 'weights' | 'yieldToEventLoop'> {
  /** float32 [count, classes] */
  readonly targets: Float32Array;
}

/**
 * Fits a logistic regression on a kernel.
 * @param kernel [count, count], including the intercept's 1
 * @returns [count, classes]
 */
async function solveLogistic(kernel: Float64Array, ridge: number, { targets, weights, yieldToEventLoop }: LogisticProblem) {
  const regression = await openKernelLogistic({ kernel, targets, weights, leftOut: [[]], yieldToEventLoop });
  try {
    return Float64Array.from((await regression.fit(ridge)).dual);
  } finally {
    await regression.close();
  }
}
