import { at32, product } from '../../arithmetic.ts';

/** A tensor inside a longer list of numbers, with its dimensions in any order. */
export interface TensorView {
  readonly values: Float32Array;
  /** Index of its first number. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** Distance between neighbouring numbers along each dimension. */
  readonly strides: readonly number[];
}

/** Tells whether the whole tensor fits into a list of this length. */
export function isWithin({ offset, shape, strides }: Omit<TensorView, 'values'>, length: number): boolean {
  if (shape.includes(0)) return offset <= length;
  const last = shape.reduce((index, side, axis) => index + (side - 1) * (strides[axis] ?? 0), offset);
  return last < length;
}

/** Permutes the dimensions without copying: [2, 3, 1, 0] turns OIHW into HWIO. */
export function permuteView({ values, offset, shape, strides }: TensorView, order: readonly number[]): TensorView {
  const reorder = (sizes: readonly number[]): number[] => order.map((axis) => sizes[axis] ?? 0);
  return { values, offset, shape: reorder(shape), strides: reorder(strides) };
}

/** Returns the numbers in C order: a view of `values` if they are already in that order, else a copy. */
export function inOrder({ values, offset, shape, strides }: TensorView): Float32Array {
  const size = product(shape);
  const sides = shape.map((side, axis) => ({ side, stride: strides[axis] ?? 0, index: 0 })).filter(({ side }) => side !== 1);
  const isInOrder = sides.every(({ stride }, i) => stride === product(sides.slice(i + 1).map(({ side }) => side)));
  if (isInOrder) return values.subarray(offset, offset + size);
  const copy = new Float32Array(size);
  const lastFirst = sides.reverse();
  let from = offset;
  for (let i = 0; i < size; i++) {
    copy[i] = at32(values, from);
    for (const dimension of lastFirst) {
      from += dimension.stride;
      if (++dimension.index < dimension.side) break;
      from -= dimension.stride * dimension.side;
      dimension.index = 0;
    }
  }
  return copy;
}
