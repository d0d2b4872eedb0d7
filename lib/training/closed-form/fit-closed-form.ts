import { at32 } from '../../arithmetic.ts';
import { MOST_COMPARED } from '../../contracts/closed-form-limits.ts';
import { type Examples, everyRow } from '../examples.ts';
import { foldLogits } from '../metrics/labelled-logits.ts';
import type { ClosedFormOptions, MixtureTerm } from './choose-mixture.ts';
import { fitByKernel } from './fit-by-kernel.ts';
import { fitBySums } from './fit-by-sums.ts';
import { openKernelRows, usedBlocks } from './kernel.ts';
import { openKernelLogistic } from './kernel-logistic.ts';
import type { LinearHead } from './linear-head.ts';
import { centreTargets } from './scores.ts';

/**
 * Fits the classifiers of a mixture to all examples and averages them: linear classifiers average to one.
 * @param examples inputs [width] @param mixture as `chooseMixture` gives it
 * @throws DataError EXAMPLE_WEIGHTS_ZERO; RuntimeError FEATURES_NOT_FINITE
 */
export async function fitClosedForm(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  options: ClosedFormOptions,
): Promise<LinearHead> {
  const { count, classes, targets } = examples;
  if (count > MOST_COMPARED) return fitBySums(examples, mixture, options);
  const centred = centreTargets(targets, classes, options.task, options.weights);
  return fitByKernel(await examples.gather(everyRow(examples)), mixture, { ...options, centred });
}

/**
 * Computes logits of each fold's rows by classifiers that were fitted to all other rows. The columns are standardized
 * by all rows.
 * @param folds the rows that each fold leaves out
 * @returns for each fold float32 [its rows, classes]; undefined for ridge regressions, which are as fast one by one
 */
export async function scoreLogisticFolds(
  examples: Examples,
  mixture: readonly MixtureTerm[],
  folds: readonly (readonly number[])[],
  { blocks, weights, yieldToEventLoop }: ClosedFormOptions,
): Promise<Float32Array[] | undefined> {
  if (mixture.some(({ model }) => model === 'ridge')) return undefined;
  const { count, classes } = examples;
  const { inputs, targets } = await examples.gather(everyRow(examples));
  const { kernelOf } = await openKernelRows(inputs, count, { blocks: usedBlocks(blocks, mixture), yieldToEventLoop });
  const scores = folds.map((fold) => new Float32Array(fold.length * classes));
  for (const { ridge, weight, ...weighting } of mixture) {
    const regression = await openKernelLogistic({
      kernel: kernelOf(weighting),
      targets,
      weights,
      leftOut: folds,
      yieldToEventLoop,
    });
    try {
      for (const [fold, logits] of foldLogits((await regression.fit(ridge)).logits, folds, classes).entries())
        for (const [i, logit] of logits.entries()) {
          const own = scores[fold];
          if (own !== undefined) own[i] = at32(own, i) + weight * logit;
        }
    } finally {
      await regression.close();
    }
  }
  return scores;
}
