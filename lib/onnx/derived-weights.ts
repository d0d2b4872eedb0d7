import type { Weight, WeightOrigin } from './layer-reader.ts';

/** A weight in another shape with the same order of its numbers, which are read only when used. */
export function withDims(weight: Weight, dims: readonly number[]): Weight {
  return lazyWeight(dims, () => weight.data, weight.origin);
}

/** A weight whose numbers are computed only when used. */
export function lazyWeight(dims: readonly number[], compute: () => Float32Array, origin?: WeightOrigin): Weight {
  return {
    dims,
    ...(origin && { origin }),
    get data() {
      return compute();
    },
  };
}
