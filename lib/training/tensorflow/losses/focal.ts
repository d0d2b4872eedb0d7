/**
 * Focal losses (Lin et al., arXiv:1708.02002): the more probable the right class already is, the less weight an example
 * has.
 */
import * as tf from '@tensorflow/tfjs-core';
import { binaryTerms } from './cross-entropy.ts';

/** Keras's default weight of the categorical focal loss. */
const ALPHA = 0.25;

/** Terms [n, 1] over a softmax of logits [n, classes]: Keras's CategoricalFocalCrossentropy. */
export function categoricalFocalTerms(logits: tf.Tensor2D, targets: tf.Tensor2D, gamma: number): tf.Tensor2D {
  const logarithm = tf.logSoftmax(logits);
  const terms = tf.mul(modulatingFactor(tf.exp(logarithm), gamma), tf.mul(targets, logarithm));
  return tf.mul(tf.sum(terms, -1, true), -ALPHA);
}

/** Terms [n, classes] over sigmoids of logits [n, classes]: Keras's BinaryFocalCrossentropy without class balancing. */
export function binaryFocalTerms(logits: tf.Tensor2D, targets: tf.Tensor2D, gamma: number): tf.Tensor2D {
  const probability = tf.sigmoid(logits);
  const right = tf.add(tf.mul(targets, probability), tf.mul(tf.sub(1, targets), tf.sub(1, probability)));
  return tf.mul(modulatingFactor(right, gamma), binaryTerms(logits, targets));
}

/** (1 - p)^gamma, where p is the probability of the right class. */
function modulatingFactor<T extends tf.Tensor>(probability: T, gamma: number): T {
  // Keeps the base away from 0, where a gamma below 1 has no derivative.
  return tf.pow(tf.maximum(tf.sub(1, probability), 1e-7), gamma);
}
