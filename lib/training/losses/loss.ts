import * as tf from '@tensorflow/tfjs-core';

export type Task = 'single-label' | 'multi-label';

/** How far logits are from targets. Both are [n, classes]. */
export interface Loss {
  readonly name: string;
  /** Whether the classes exclude each other (softmax) or not (sigmoid). */
  readonly task: Task;
  /** One term an example, [n, 1], or one an example and class, [n, classes], each 0 or more. */
  terms(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D;
}

/**
 * The mean of a loss's terms, each times its weight. As in Keras the sum is divided by the number of terms, not by the sum
 * of the weights.
 * @param weights broadcast to the terms: [n, 1] or [n, classes]
 */
export function meanLoss(loss: Loss, logits: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor2D): tf.Scalar {
  const terms = loss.terms(logits, targets);
  return tf.mean(weights === undefined ? terms : tf.mul(terms, weights));
}
