import * as tf from '@tensorflow/tfjs-core';
import { at, at32 } from '../../arithmetic.ts';

/** Rows of the result that one product computes: the part of it above the diagonal is computed in vain. */
const PANEL = 256;
/** Rows whose products are summed in float32: the error of a sum grows with their number, and the speed too. */
const ROWS_IN_FLOAT32 = 128;

/** Returns the number of elements of a symmetric matrix's lower triangle, with the diagonal, packed row by row. */
export function packedSize(width: number): number {
  return (width * (width + 1)) / 2;
}

/**
 * Adds the products of all pairs of columns to a packed lower triangle. The tensor runtime sums them over a few rows in
 * float32: most of the work of the sums.
 * @param rows float32 [count, width] @param factors [width]: a product is multiplied by those of both columns
 * @param packed float64 [width * (width + 1) / 2]
 */
export function addGram(rows: Float32Array, factors: Float64Array, packed: Float64Array): void {
  const size = factors.length * ROWS_IN_FLOAT32;
  for (let start = 0; start < rows.length; start += size) addProducts(rows.subarray(start, start + size), factors, packed);
}

function addProducts(rows: Float32Array, factors: Float64Array, packed: Float64Array): void {
  const width = factors.length;
  const count = rows.length / width;
  const all = tf.tensor2d(rows, [count, width]);
  const turned = tf.transpose(all);
  for (let start = 0; start < width; start += PANEL) {
    const size = Math.min(PANEL, width - start);
    const end = start + size;
    const panel = tf.tidy(() => tf.matMul(tf.slice2d(turned, [start, 0], [size, count]), tf.slice2d(all, [0, 0], [count, end])));
    const products = panel.dataSync<'float32'>();
    panel.dispose();
    for (let row = start; row < end; row++) {
      const factor = at(factors, row);
      for (let column = 0, from = (row - start) * end, to = packedSize(row); column <= row; column++, from++, to++)
        packed[to] = at(packed, to) + at32(products, from) * factor * at(factors, column);
    }
  }
  tf.dispose([all, turned]);
}
