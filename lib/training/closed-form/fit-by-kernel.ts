import { sum } from '../../arithmetic.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { mixedKernels } from './kernel.ts';
import { dot, solve, transpose } from './linear-algebra.ts';
import { averageSolutions, type LinearHead, type RidgeSolution } from './linear-head.ts';
import type { CentredTargets } from './scores.ts';
import { applyStandardization, openMoments } from './standardize.ts';

/**
 * Fits each term of a mixture by the products of all rows with each other: the way for fewer rows than columns.
 * @param inputs float32 [count, width]
 */
export async function fitByKernel(
  inputs: Float32Array,
  mixture: readonly MixtureTerm[],
  { blocks, weights, centred, yieldToEventLoop }: ClosedFormOptions & { readonly centred: CentredTargets },
): Promise<LinearHead> {
  const count = weights.length;
  const classes = centred.centre.length;
  const moments = openMoments(inputs.length / count);
  moments.add(inputs, count);
  const standardization = moments.standardize(blocks);
  const rows = applyStandardization(inputs, count, standardization);
  const columns = transpose(rows, count);
  const kernelOf = await mixedKernels(rows, count, blocks, yieldToEventLoop);
  const roots = weights.map(Math.sqrt);
  const rootOf = (row: number) => roots[row] ?? 0;
  const right = centred.values.map((value, i) => value * rootOf(Math.floor(i / classes)));

  const solveTerm = async ({ share, ridge }: MixtureTerm): Promise<RidgeSolution> => {
    const matrix = kernelOf(share).map((value, i) => (value + 1) * rootOf(Math.floor(i / count)) * rootOf(i % count));
    for (let row = 0; row < count; row++) matrix[row * (count + 1)] = (matrix[row * (count + 1)] ?? 0) + ridge;
    const dual = (await solve(matrix, right, classes, yieldToEventLoop)).map(
      (value, i) => value * rootOf(Math.floor(i / classes)),
    );
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
