import type { ChosenStrategy } from '../contracts/job.ts';
import type { Dataset } from '../datasets/dataset-store.ts';

/** Below this many images a class, a data set is small: training more than a head learns the images by heart. */
const SMALL = 1000;

/**
 * What to freeze, and why. Everything below the head stays frozen: features are computed once and a head is trained on them,
 * which is the case of little data, and the baseline that any other choice must beat.
 * @param cut the layer at whose output the backbone ends
 */
export function chooseStrategy(dataset: Dataset, cut: string): ChosenStrategy {
  const perClass = Math.floor(dataset.rows.length / dataset.labels.length);
  const size = perClass < SMALL ? 'little' : 'much';
  return {
    name: 'feature-extraction',
    cut,
    reason: `All layers stay frozen and a head is trained on their features: with ${perClass} images a class there is ${size} data, and a frozen backbone cannot overfit.`,
    evidence: { images: dataset.rows.length, classes: dataset.labels.length, imagesPerClass: perClass },
  };
}
