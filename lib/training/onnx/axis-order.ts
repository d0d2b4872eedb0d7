import { permute } from '../../onnx/converters/permute.ts';

/** Axis `i` is axis `order[i]` of the layer's weight; undefined: the same. */
export type Order = readonly number[] | undefined;

/** Copies a layer's weight with its axes in another order. @param shape of the layer's weight */
export function toOrder(values: Float32Array, shape: readonly number[], order: Order): Float32Array {
  const [first, second, third, fourth] = order ?? [];
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) return values.slice();
  return permute({ data: values, dims: shape }, [first, second, third, fourth]).data;
}

/** Copies values in an order of axes back to the order of the layer. @param shape of the layer's weight */
export function fromOrder(values: Float32Array, shape: readonly number[], order: Order): Float32Array {
  if (order === undefined) return values.slice();
  const dims = order.map((axis) => shape[axis] ?? 1);
  return toOrder(
    values,
    dims,
    order.map((_, axis) => order.indexOf(axis)),
  );
}
