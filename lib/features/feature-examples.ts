import { product } from '../arithmetic.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import { type Columns, type Examples, examplesFrom, gatherColumns, targetsOf } from '../training/examples.ts';
import type { FeatureSet } from './feature-set.ts';

/**
 * Creates examples from part of a data set: features, read on demand, with their labels and, if the data set has them,
 * their weights.
 * @param features one row for each row of the data set
 * @param part rows of the data set
 */
export function featureExamples(features: FeatureSet, dataset: Dataset, part: readonly number[]): Examples {
  return examplesFrom({
    inputShape: features.shape,
    ...labelled(dataset, part),
    read: (rows, epoch) =>
      features.gather(
        rows.flatMap((index) => part[index] ?? []),
        epoch,
      ),
  });
}

/**
 * Returns the targets of some images and, if the data set has them, their weights, as `examplesFrom` takes them.
 * @param part rows of the data set
 */
export function labelled(dataset: Dataset, part: readonly number[]): Pick<Examples, 'classes' | 'targets' | 'weights'> {
  const classes = dataset.labels.length;
  const targets = targetsOf(
    part.map((row) => dataset.targets[row] ?? []),
    classes,
  );
  const weights = weightsOf(dataset, part);
  return { classes, targets, ...(weights !== undefined && { weights }) };
}

/** Returns the weights of the images, [part.length]; undefined if all are equal. */
function weightsOf({ rows }: Dataset, part: readonly number[]): Float32Array | undefined {
  const weights = Float32Array.from(part, (row) => rows.at(row)?.weight ?? 1);
  return weights.every((weight) => weight === 1) ? undefined : weights;
}

/** Returns a range of the columns of features as features of their own. */
export function featureColumns(features: FeatureSet, columns: Columns): FeatureSet {
  const width = product(features.shape);
  return {
    ...features,
    shape: [columns.size],
    gather: async (rows, epoch) => gatherColumns(await features.gather(rows, epoch), width, columns),
  };
}
