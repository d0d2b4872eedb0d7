import type { Weight } from '../../../onnx/layer-reader.ts';

/** A weight in another shape with the same order of its numbers, which are read only when used. */
export function withDims(weight: Weight, dims: readonly number[]): Weight {
  return {
    dims,
    ...(weight.origin && { origin: weight.origin }),
    get data() {
      return weight.data;
    },
  };
}
