import { at, at32 } from '../../arithmetic.ts';
import { multiply } from '../closed-form/matrix-products.ts';

/** Rows for which the distances from all vectors are in memory at once. */
const ROWS_AT_ONCE = 1024;

/**
 * Computes the Euclidean distance of each row from the nearest vector.
 * @param rows float32 [count, width]
 * @param vectors float32 [vectors, width]
 * @returns float32 [count]
 */
export async function nearestDistances(rows: Float32Array, vectors: Float32Array, width: number): Promise<Float32Array> {
  const count = rows.length / width;
  const distances = new Float32Array(count);
  const bank = { values: vectors, rows: vectors.length / width };
  const squares = squaredLengths(vectors, width);
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const values = rows.subarray(start * width, (start + ROWS_AT_ONCE) * width);
    const own = squaredLengths(values, width);
    const products = await multiply({ values, rows: own.length }, bank, 'second');
    for (let row = 0, i = 0; row < own.length; row++) {
      let least = Number.POSITIVE_INFINITY;
      for (let vector = 0; vector < bank.rows; vector++, i++) {
        least = Math.min(least, at(squares, vector) - 2 * at32(products, i));
      }
      distances[start + row] = Math.sqrt(Math.max(0, at(own, row) + least));
    }
  }
  return distances;
}

/** @returns [rows] */
function squaredLengths(values: Float32Array, width: number): Float64Array {
  const squares = new Float64Array(values.length / width);
  for (let row = 0, i = 0; row < squares.length; row++) {
    let squared = 0;
    for (let column = 0; column < width; column++, i++) squared += at32(values, i) ** 2;
    squares[row] = squared;
  }
  return squares;
}
