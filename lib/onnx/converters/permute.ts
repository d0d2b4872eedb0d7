import { product } from '../../arithmetic.ts';
import { lazyWeight } from '../derived-weights.ts';
import type { Weight } from '../layer-reader.ts';

type Axes = readonly [number, number, number, number];

/**
 * Permutes the axes of a weight of rank 4.
 * @param order axis `i` of the result is axis `order[i]` of the weight
 * @returns the permuted weight
 */
export function permute(weight: Weight, order: Axes): Weight {
  const dims = order.map((axis) => weight.dims[axis] ?? 1);
  return lazyWeight(dims, () => permuted(weight, order), weight.origin && { ...weight.origin, order });
}

function permuted({ data, dims }: Weight, order: Axes): Float32Array {
  const sizes = order.map((axis) => dims[axis] ?? 1);
  const steps = order.map((axis) => product(dims.slice(axis + 1)));
  const [first = 1, second = 1, third = 1, fourth = 1] = sizes;
  const [a = 1, b = 1, c = 1, d = 1] = steps;
  const result = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      for (let k = 0; k < third; k++) {
        const row = i * a + j * b + k * c;
        for (let l = 0; l < fourth; l++) result[to++] = data[row + l * d] ?? 0;
      }
    }
  }
  return result;
}
