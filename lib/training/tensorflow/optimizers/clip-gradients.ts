import * as tf from '@tensorflow/tfjs-core';

export interface Clipping {
  /** The largest L2 norm of one variable's gradient. */
  readonly clipNorm?: number;
  /** The largest L2 norm of all gradients together. */
  readonly globalClipNorm?: number;
}

/**
 * Clips gradients, first each one, then all together; their direction does not change. Reads no value back from the
 * device.
 */
export function clipGradients(gradients: readonly tf.Tensor[], { clipNorm, globalClipNorm }: Clipping): readonly tf.Tensor[] {
  const each =
    clipNorm === undefined
      ? gradients
      : gradients.map((gradient) => tf.mul(gradient, shortening(squaredNorm(gradient), clipNorm)));
  if (globalClipNorm === undefined) return each;
  const scale = shortening(tf.addN(each.map(squaredNorm)), globalClipNorm);
  return each.map((gradient) => tf.mul(gradient, scale));
}

function squaredNorm(gradient: tf.Tensor): tf.Tensor {
  return tf.sum(tf.square(gradient));
}

function shortening(squared: tf.Tensor, longest: number): tf.Tensor {
  return tf.div(longest, tf.maximum(tf.sqrt(squared), longest));
}
