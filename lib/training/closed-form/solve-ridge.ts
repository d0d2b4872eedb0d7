import { factorizePacked } from './cholesky.ts';
import type { ClosedFormOptions } from './choose-mixture.ts';
import { packRidge } from './kernel.ts';
import { scaleRows } from './linear-algebra.ts';
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
  const factor = await factorizePacked(packRidge(kernel, roots, ridge), roots.length, yieldToEventLoop);
  return scaleRows(await factor.solve(scaleRows(centred.values, roots)), roots);
}
