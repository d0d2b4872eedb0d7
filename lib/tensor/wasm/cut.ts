import * as tf from '@tensorflow/tfjs-core';

/**
 * Slices the tensor from the start of each axis to `shape`. Returns the tensor itself if it already has that shape.
 */
export function cut(x: tf.Tensor4D, shape: [number, number, number, number]): tf.Tensor4D {
  return shape.every((size, axis) => size === x.shape[axis]) ? x : tf.slice(x, [0, 0, 0, 0], shape);
}
