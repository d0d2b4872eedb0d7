import type { FeatureSet } from './feature-set.ts';

/** Some neighbouring columns of features as features of their own. */
export function columnsOf(features: FeatureSet, { start, size }: { readonly start: number; readonly size: number }): FeatureSet {
  const width = features.shape.reduce((product, dimension) => product * dimension, 1);
  return {
    ...features,
    shape: [size],
    async gather(rows, epoch) {
      const whole = await features.gather(rows, epoch);
      const columns = new Float32Array(rows.length * size);
      for (let row = 0; row < rows.length; row++)
        columns.set(whole.subarray(row * width + start, row * width + start + size), row * size);
      return columns;
    },
  };
}
