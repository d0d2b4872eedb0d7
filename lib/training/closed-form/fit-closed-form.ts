import type { Examples } from '../examples.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { fitByKernel } from './fit-by-kernel.ts';
import { fitBySums } from './fit-by-sums.ts';
import type { LinearHead } from './linear-head.ts';
import { centreTargets } from './scores.ts';

/** More rows than this are summed: the memory of their products with each other grows with the square of their number. */
const MOST_COMPARED = 5000;

/**
 * Fits the ridge regressions of a mixture to all examples and averages them: linear classifiers average to one.
 * @param examples inputs [width] @param mixture as `chooseMixture` gives it
 */
export async function fitClosedForm(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  options: ClosedFormOptions,
): Promise<LinearHead> {
  const { count, classes, targets } = examples;
  const withTargets = { ...options, centred: centreTargets(targets, classes, options.task, options.weights) };
  if (count > MOST_COMPARED) return fitBySums(examples, mixture, withTargets);
  const { inputs } = await examples.gather(Array.from({ length: count }, (_, row) => row));
  return fitByKernel(inputs, mixture, withTargets);
}
