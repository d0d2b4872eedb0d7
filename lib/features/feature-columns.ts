import { type Columns, gatherColumns } from '../training/examples.ts';
import type { FeatureSet } from './feature-set.ts';
import { sizeOf } from './feature-shard.ts';

/** A range of columns of features, as features of its own. */
export function columnsOf(features: FeatureSet, columns: Columns): FeatureSet {
  const width = sizeOf(features.shape);
  return {
    ...features,
    shape: [columns.size],
    gather: async (rows, epoch) => gatherColumns(await features.gather(rows, epoch), width, columns),
  };
}
