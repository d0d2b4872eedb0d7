import * as tf from '@tensorflow/tfjs-core';

/** (1 - p)^gamma: how much an answer still counts that gives probability p to what is right. */
export function modulatingFactor<T extends tf.Tensor>(probability: T, gamma: number): T {
  // Away from 0, where a gamma below 1 has no derivative.
  return tf.pow(tf.maximum(tf.sub(1, probability), 1e-7), gamma);
}
