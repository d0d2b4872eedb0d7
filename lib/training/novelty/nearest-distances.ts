import * as tf from '@tensorflow/tfjs-core';

/** Rows for which the distances from all vectors are in memory at once. */
const ROWS_AT_ONCE = 1024;

/**
 * Computes the Euclidean distance of each row from the nearest vector, on the tensor runtime.
 * @param rows float32 [count, width]
 * @param vectors float32 [vectors, width]
 * @returns float32 [count]
 */
export function nearestDistances(rows: Float32Array, vectors: Float32Array, width: number): Float32Array {
  const count = rows.length / width;
  const distances = new Float32Array(count);
  const bank = tf.tensor2d(vectors, [vectors.length / width, width]);
  const squares = tf.tidy(() => tf.sum(tf.square(bank), 1));
  for (let start = 0; start < count; start += ROWS_AT_ONCE) {
    const end = Math.min(start + ROWS_AT_ONCE, count);
    const nearest = tf.tidy(() => {
      const some = tf.tensor2d(rows.subarray(start * width, end * width), [end - start, width]);
      const products = tf.matMul(some, bank, false, true);
      const relative = tf.min(tf.sub(squares, tf.mul(products, 2)), 1);
      return tf.sqrt(tf.relu(tf.add(tf.sum(tf.square(some), 1), relative)));
    });
    distances.set(nearest.dataSync(), start);
    nearest.dispose();
  }
  bank.dispose();
  squares.dispose();
  return distances;
}
