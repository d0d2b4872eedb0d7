import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from './loss.ts';

/** In the columns of a head that must not learn from an example, all targets are this. */
export const EXCLUDED = -1;

/**
 * The loss of several heads in one: each has `classes` columns of the logits, one head after the other, and learns from the examples that
 * are not left out for it. Whatever adapts each weight by itself trains them as if each were alone.
 * @param shares of the examples that each head learns from: its mean is over those
 */
export function parallelLoss(base: Loss, shares: readonly number[]): Loss {
  const heads = shares.length;
  return {
    name: `${base.name} of ${heads} heads`,
    task: base.task,
    terms(logits, targets) {
      const classes = logits.shape[1] / heads;
      const terms = shares.map((share, head) => {
        const columns = (of: tf.Tensor2D): tf.Tensor2D => tf.slice(of, [0, head * classes], [-1, classes]);
        const own = columns(targets);
        const counts = tf.cast(tf.greaterEqual(tf.slice(own, [0, 0], [-1, 1]), 0), 'float32');
        // The mean over all heads' terms is to be the sum of the heads' own means.
        return tf.mul<tf.Tensor2D>(base.terms(columns(logits), tf.relu(own)), tf.mul(counts, heads / share));
      });
      return tf.concat(terms, 1);
    },
  };
}
