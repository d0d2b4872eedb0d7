import * as tf from '@tensorflow/tfjs-core';

export interface Clipping {
  /** No gradient of one variable is longer (L2) than this. */
  readonly clipNorm?: number;
  /** All gradients together are no longer than this. */
  readonly globalClipNorm?: number;
}

/** Gradients shortened where they are too long, each first, then all; their direction stays. No value is read back. */
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
