/** The formulas of the losses, in TensorFlow.js. */
import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from '../../losses/loss.ts';
import { binaryTerms, categoricalTerms, smoothBinary, smoothCategorical } from './cross-entropy.ts';
import { binaryFocalTerms, categoricalFocalTerms } from './focal.ts';

/**
 * The weighted mean of a loss's terms. As in Keras, the sum is divided by the number of terms, not by the sum of the
 * weights.
 * @param weights broadcast to the terms: [n, 1] or [n, classes]
 */
export function meanLoss(loss: Loss, logits: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor2D): tf.Scalar {
  const terms = lossTerms(loss, logits, targets);
  return tf.mean(weights === undefined ? terms : tf.mul(terms, weights));
}

/** One term per example, [n, 1], or per example and class, [n, classes], each 0 or more. */
function lossTerms(loss: Loss, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  const { shares } = loss;
  if (shares === undefined) return termsOfHead(loss, logits, targets);
  const heads = shares.length;
  const classes = logits.shape[1] / heads;
  const terms = shares.map((share, head) => {
    const columns = (of: tf.Tensor2D): tf.Tensor2D => tf.slice(of, [0, head * classes], [-1, classes]);
    const own = columns(targets);
    const counts = tf.cast(tf.greaterEqual(tf.slice(own, [0, 0], [-1, 1]), 0), 'float32');
    // So the mean over all heads' terms equals the sum of the heads' own means.
    return tf.mul<tf.Tensor2D>(termsOfHead(loss, columns(logits), tf.relu(own)), tf.mul(counts, heads / share));
  });
  return tf.concat(terms, 1);
}

function termsOfHead({ kind, task, labelSmoothing, gamma }: Loss, logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor2D {
  if (task === 'single-label') {
    const smoothed = smoothCategorical(targets, labelSmoothing);
    return kind === 'focal' ? categoricalFocalTerms(logits, smoothed, gamma) : categoricalTerms(logits, smoothed);
  }
  const smoothed = smoothBinary(targets, labelSmoothing);
  return kind === 'focal' ? binaryFocalTerms(logits, smoothed, gamma) : binaryTerms(logits, smoothed);
}
