import * as tf from '@tensorflow/tfjs-core';

/** The first elements of each axis, as many as `shape` says; the tensor itself where that is all. */
export function cut(x: tf.Tensor4D, shape: [number, number, number, number]): tf.Tensor4D {
  return shape.every((size, axis) => size === x.shape[axis]) ? x : tf.slice(x, [0, 0, 0, 0], shape);
}
