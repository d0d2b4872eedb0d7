import { at32 } from '../arithmetic.ts';

/** Images as vectors, one in each row. */
export interface RowVectors {
  readonly count: number;
  readonly width: number;
  /** float32 [count, width] */
  readonly vectors: Float32Array;
}

const known = new WeakMap<RowVectors, Float32Array>();

/** The vectors of a space with length 1, computed once. */
export function unitVectors(space: RowVectors): Float32Array {
  const found = known.get(space);
  if (found !== undefined) return found;
  const { count, width, vectors } = space;
  const units = new Float32Array(vectors.length);
  for (let row = 0; row < count; row++) {
    let squares = 0;
    for (let k = row * width; k < (row + 1) * width; k++) squares += at32(vectors, k) ** 2;
    const length = Math.sqrt(squares) || 1;
    for (let k = row * width; k < (row + 1) * width; k++) units[k] = at32(vectors, k) / length;
  }
  known.set(space, units);
  return units;
}

/** The cosine of the angle between two rows. @param units of `unitVectors` */
export function cosine(units: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++) sum += at32(units, a * width + k) * at32(units, b * width + k);
  return sum;
}
