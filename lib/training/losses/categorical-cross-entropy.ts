import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from './loss.ts';

/** Cross-entropy of a softmax over the classes, from logits: one class an example. */
export function categoricalCrossEntropy({ labelSmoothing = 0 }: { readonly labelSmoothing?: number } = {}): Loss {
  return {
    name: 'categoricalCrossEntropy',
    task: 'single-label',
    terms(logits, targets) {
      const classes = targets.shape[1];
      const smooth = labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / classes);
      return tf.neg(tf.sum(tf.mul(smooth, tf.logSoftmax(logits)), -1, true));
    },
  };
}
