import type { Dataset } from '../datasets/dataset-store.ts';
import { type Examples, examplesFrom, targetsOf } from '../training/examples.ts';
import type { FeatureSet } from './feature-set.ts';

/**
 * A part of a data set as examples: features with their labels, read when asked for.
 * @param features a row for each row of the data set
 * @param part rows of the data set
 */
export function featureExamples(features: FeatureSet, dataset: Dataset, part: readonly number[]): Examples {
  const classes = dataset.labels.length;
  const targets = targetsOf(
    part.map((row) => dataset.targets[row] ?? []),
    classes,
  );
  return examplesFrom({
    inputShape: features.shape,
    classes,
    targets,
    read: (rows) => features.gather(rows.flatMap((index) => part[index] ?? [])),
  });
}
