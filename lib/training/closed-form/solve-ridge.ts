import { at } from '../../arithmetic.ts';
import { factorizePacked } from './cholesky.ts';
import type { ClosedFormOptions } from './choose-mixture.ts';
import { scaleRows } from './linear-algebra.ts';
import { packedSize } from './packed-gram.ts';
import type { CentredTargets } from './scores.ts';

export interface RidgeProblem extends Pick<ClosedFormOptions, 'weights' | 'yieldToEventLoop'> {
  readonly centred: CentredTargets;
}

/**
 * Solves a ridge regression on a kernel.
 * @param kernel [count, count], including the intercept's 1
 * @returns [count, classes]: a row's scores are its kernel times these
 */
export async function solveRidge(
  kernel: Float64Array,
  ridge: number,
  { weights, centred, yieldToEventLoop }: RidgeProblem,
): Promise<Float64Array> {
  const roots = weights.map(Math.sqrt);
  const count = roots.length;
  const matrix = new Float64Array(packedSize(count));
  for (let row = 0, i = 0; row < count; row++)
    for (let column = 0; column <= row; column++, i++)
      matrix[i] = at(kernel, row * count + column) * at(roots, row) * at(roots, column) + (row === column ? ridge : 0);
  const factor = await factorizePacked(matrix, count, yieldToEventLoop);
  return scaleRows(await factor.solve(scaleRows(centred.values, roots)), roots);
}
