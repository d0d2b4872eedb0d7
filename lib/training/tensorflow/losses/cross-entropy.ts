import * as tf from '@tensorflow/tfjs-core';

/** Terms [n, 1] of the cross-entropy of a softmax over logits [n, classes]. */
export function categoricalTerms(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  return tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1, true));
}

/** Moves targets from 0 and 1 towards one over the number of classes, as Keras does. */
export function smoothCategorical(targets: tf.Tensor2D, labelSmoothing: number): tf.Tensor2D {
  return labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / targets.shape[1]);
}

/**
 * Terms [n, classes] of the cross-entropy of sigmoids over logits [n, classes]. max(x, 0) - x t + log(1 + exp(-|x|)) is
 * the same as -t log(s) - (1 - t) log(1 - s) of s = sigmoid(x), without its overflow.
 */
export function binaryTerms(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
}

/** Moves targets from 0 and 1 towards 0.5, as Keras does. */
export function smoothBinary(targets: tf.Tensor2D, labelSmoothing: number): tf.Tensor2D {
  return labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / 2);
}
