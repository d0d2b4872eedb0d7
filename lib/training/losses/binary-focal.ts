import * as tf from '@tensorflow/tfjs-core';
import { binaryTerms, smoothBinary } from './binary-cross-entropy.ts';
import type { Loss } from './loss.ts';
import { modulatingFactor } from './modulating-factor.ts';

/**
 * Focal loss (Lin et al., arXiv:1708.02002) of a sigmoid for each class, from logits: what is right already counts less, the
 * more so the larger `gamma`. Keras's BinaryFocalCrossentropy without class balancing.
 */
export function binaryFocal({
  gamma = 2,
  labelSmoothing = 0,
}: {
  readonly gamma?: number;
  readonly labelSmoothing?: number;
} = {}): Loss {
  return {
    name: 'binaryFocal',
    task: 'multi-label',
    terms(logits, targets) {
      const wanted = smoothBinary(targets, labelSmoothing);
      const probability = tf.sigmoid(logits);
      const right = tf.add(tf.mul(wanted, probability), tf.mul(tf.sub(1, wanted), tf.sub(1, probability)));
      return tf.mul(modulatingFactor(right, gamma), binaryTerms(logits, wanted));
    },
  };
}
