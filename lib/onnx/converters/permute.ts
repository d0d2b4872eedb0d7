import type { Weight } from '../layer-reader.ts';

/** The weight with its axes in another order: axis `i` of the result is axis `order[i]` of what comes in. */
export function permute({ data, dims }: Weight, order: readonly number[]): Weight {
  const sizes = order.map((axis) => dims[axis] ?? 1);
  const strides = order.map((axis) => dims.slice(axis + 1).reduce((product, size) => product * size, 1));
  const result = new Float32Array(data.length);
  const last = sizes.length - 1;
  const inner = sizes[last] ?? 1;
  const step = strides[last] ?? 1;
  const index = sizes.map(() => 0);
  for (let to = 0; to < result.length; to += inner) {
    let from = index.reduce((sum, at, axis) => sum + at * (strides[axis] ?? 0), 0);
    for (let i = 0; i < inner; i++, from += step) result[to + i] = data[from] ?? 0;
    for (let axis = last - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next === sizes[axis] ? 0 : next;
      if (next !== sizes[axis]) break;
    }
  }
  return { data: result, dims: sizes };
}
