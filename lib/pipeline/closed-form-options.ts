/** What the fits of closed-form heads share: blocks of columns, weights of images, and folds. */
import { mean, product, sum } from '../arithmetic.ts';
import { MOST_COMPARED } from '../contracts/closed-form-limits.ts';
import { assignFolds, countGroups } from '../datasets/splits/assign-folds.ts';
import { trainAndValidationRows } from '../datasets/splits/split-dataset.ts';
import type { Trunk } from '../features/trunk.ts';
import { CALIBRATION_FOLDS } from '../heads/calibration-folds.ts';
import { classWeightsFor, termWeights } from '../training/class-weights.ts';
import type { ClosedFormOptions } from '../training/closed-form/choose-mixture.ts';
import { blocksOf, withoutGrids } from '../training/closed-form/feature-block.ts';
import type { Examples } from '../training/examples.ts';
import { type TrainingContext, taskOf } from './training-context.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

/**
 * Options of a fit to the features of a trunk that ends in a vector, without the weights of the images. Heads of many
 * images, which are fitted by sums, do not use the quarters of maps: they would double the sums.
 */
export function closedFormOptions(
  { blocks, featureShape }: Pick<Trunk, 'blocks' | 'featureShape'>,
  context: TrainingContext,
): Omit<ClosedFormOptions, 'weights'> {
  const width = product(featureShape);
  const parts = blocks ?? [{ name: 'top', size: width }];
  // Features that carry the vectors of stages after a map have them in their last columns.
  const first = width - sum(parts.map(({ size }) => size));
  const all = blocksOf(parts).map((block) => ({ ...block, start: first + block.start }));
  return {
    task: taskOf(context.job),
    blocks: trainAndValidationRows(context.split).length > MOST_COMPARED ? withoutGrids(all) : all,
    yieldToEventLoop: () => yieldToEventLoop(context),
  };
}

/**
 * How much each image counts, [count]: by the data set, and by its class. Those that count at all have a mean of 1, so
 * that the strengths of a regularization mean the same whatever the unit of the weights. Class weights of a multi-label
 * task weight the terms of the loss, and no images.
 */
export function imageWeights(examples: Examples, { job, dataset }: TrainingContext): Float64Array {
  const { labels } = dataset;
  const task = taskOf(job);
  const classWeights =
    task === 'multi-label' ? undefined : classWeightsFor(job.spec.training.classWeights, { task, examples, labels });
  const { targets, weights } = examples;
  const values = termWeights({ inputs: new Float32Array(), targets, ...(weights && { weights }) }, classWeights)?.values;
  if (values === undefined) return new Float64Array(examples.count).fill(1);
  const centre = mean(values.filter((weight) => weight > 0));
  return Float64Array.from(values, (weight) => (weight > 0 ? weight / centre : 0));
}

/**
 * The indexes in `images` that each fold leaves out. Related images are in one fold, unless all of them are related.
 * @param images rows of the data set
 */
export function choiceFolds(images: readonly number[], context: TrainingContext): readonly (readonly number[])[] {
  const groups = Math.min(CALIBRATION_FOLDS, countGroups(context.dataset, images));
  if (groups > 1)
    return assignFolds(context.dataset, images, groups, context.job.spec.training.seed).map(({ validation }) => validation);
  const count = Math.min(CALIBRATION_FOLDS, images.length);
  return Array.from({ length: count }, (_, fold) => [...images.keys()].filter((index) => index % count === fold));
}
