import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from './loss.ts';

/** Cross-entropy of a sigmoid for each class, from logits: any number of classes an example. */
export function binaryCrossEntropy({ labelSmoothing = 0 }: { readonly labelSmoothing?: number } = {}): Loss {
  return {
    name: 'binaryCrossEntropy',
    task: 'multi-label',
    terms: (logits, targets) => binaryTerms(logits, smoothBinary(targets, labelSmoothing)),
  };
}

/** max(x, 0) - x t + log(1 + exp(-|x|)): the same as -t log(s) - (1 - t) log(1 - s) of s = sigmoid(x), without its overflow. */
export function binaryTerms(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
}

/** Moves targets from 0 and 1 towards 0.5, as Keras does. */
export function smoothBinary(targets: tf.Tensor2D, labelSmoothing: number): tf.Tensor2D {
  return labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / 2);
}
