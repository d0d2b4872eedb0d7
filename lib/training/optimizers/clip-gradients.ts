import * as tf from '@tensorflow/tfjs-core';

export interface Clipping {
  /** No gradient of one variable is longer (L2) than this. */
  readonly clipNorm?: number;
  /** All gradients together are no longer than this. */
  readonly globalClipNorm?: number;
}

/** Gradients shortened where they are too long; their direction stays. Computed without reading a value back. */
export function clipGradients(gradients: readonly tf.Tensor[], { clipNorm, globalClipNorm }: Clipping): readonly tf.Tensor[] {
  if (clipNorm !== undefined) {
    return gradients.map((gradient) => tf.mul(gradient, shortening(tf.sum(tf.square(gradient)), clipNorm)));
  }
  if (globalClipNorm !== undefined) {
    const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
    const scale = shortening(tf.addN(squares), globalClipNorm);
    return gradients.map((gradient) => tf.mul(gradient, scale));
  }
  return gradients;
}

function shortening(squaredNorm: tf.Tensor, longest: number): tf.Tensor {
  return tf.div(longest, tf.maximum(tf.sqrt(squaredNorm), longest));
}
