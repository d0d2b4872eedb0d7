import { at, product } from '../../arithmetic.ts';

/** A tensor inside a longer list of numbers, in any order of its dimensions. */
export interface TensorView {
  readonly values: Float32Array;
  /** Of its first number. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** From one number to the next along each dimension. */
  readonly strides: readonly number[];
}

/** Whether all of the tensor lies inside a list of this length. */
export function isWithin({ offset, shape, strides }: Omit<TensorView, 'values'>, length: number): boolean {
  if (shape.includes(0)) return offset <= length;
  const last = shape.reduce((index, side, axis) => index + (side - 1) * at(strides, axis), offset);
  return last < length;
}

/** The same numbers with the dimensions in another order: [2, 3, 1, 0] makes HWIO of OIHW. */
export function permute({ values, offset, shape, strides }: TensorView, order: readonly number[]): TensorView {
  const reorder = (sizes: readonly number[]): number[] => order.map((axis) => at(sizes, axis));
  return { values, offset, shape: reorder(shape), strides: reorder(strides) };
}

/** The numbers in C order: a part of `values` where they lie so, else a copy. */
export function inOrder({ values, offset, shape, strides }: TensorView): Float32Array {
  const size = product(shape);
  const sides = shape.map((side, axis) => ({ side, stride: at(strides, axis), index: 0 })).filter(({ side }) => side !== 1);
  const isInOrder = sides.every(({ stride }, i) => stride === product(sides.slice(i + 1).map(({ side }) => side)));
  if (isInOrder) return values.subarray(offset, offset + size);
  const copy = new Float32Array(size);
  const lastFirst = sides.reverse();
  let from = offset;
  for (let i = 0; i < size; i++) {
    copy[i] = at(values, from);
    for (const dimension of lastFirst) {
      from += dimension.stride;
      if (++dimension.index < dimension.side) break;
      from -= dimension.stride * dimension.side;
      dimension.index = 0;
    }
  }
  return copy;
}
