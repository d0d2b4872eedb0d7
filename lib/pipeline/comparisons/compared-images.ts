import { mean } from '../../arithmetic.ts';
import { relatedImages } from '../../datasets/splits/assign-folds.ts';
import { labelled } from '../../features/feature-examples.ts';
import { memoryExamples } from '../../training/examples.ts';
import type { ComparedImages } from '../../training/paired-difference.ts';
import { imageWeights } from '../closed-form-options.ts';
import type { TrainingContext } from '../training-context.ts';

/**
 * How images count where a job compares networks: related ones together, and each by its weight in the data set and that
 * of its class. A network that neglects a rare class must not win where the spec balances the classes.
 * @param rows of the data set, in the order of their scores
 */
export function comparedImages(rows: readonly number[], context: TrainingContext) {
  const { dataset } = context;
  const examples = memoryExamples({ inputShape: [0], inputs: new Float32Array(), ...labelled(dataset, rows) });
  return {
    related: relatedImages(dataset, rows),
    weights: withMeanOfOne(imageWeights(examples, context)),
  } satisfies ComparedImages;
}

/** @returns undefined if all weights are equal */
function withMeanOfOne(weights: Float64Array): Float64Array | undefined {
  if (weights.every((weight) => weight === weights[0])) return undefined;
  const centre = mean(weights);
  return weights.map((weight) => weight / centre);
}
