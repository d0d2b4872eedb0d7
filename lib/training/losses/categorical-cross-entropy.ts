import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from './loss.ts';

/** Cross-entropy of a softmax over the classes, from logits: one class an example. */
export function categoricalCrossEntropy({ labelSmoothing = 0 }: { readonly labelSmoothing?: number } = {}): Loss {
  return {
    name: 'categoricalCrossEntropy',
    task: 'single-label',
    terms: (logits, targets) =>
      tf.neg(tf.sum(tf.mul(smoothCategorical(targets, labelSmoothing), tf.logSoftmax(logits)), -1, true)),
  };
}

/** Moves targets from 0 and 1 towards one over the number of classes, as Keras does. */
export function smoothCategorical(targets: tf.Tensor2D, labelSmoothing: number): tf.Tensor2D {
  return labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / targets.shape[1]);
}
