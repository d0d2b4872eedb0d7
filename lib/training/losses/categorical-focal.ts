import * as tf from '@tensorflow/tfjs-core';
import { smoothCategorical } from './categorical-cross-entropy.ts';
import type { Loss } from './loss.ts';
import { modulatingFactor } from './modulating-factor.ts';

/** Focal loss (Lin et al., arXiv:1708.02002) of a softmax over the classes, from logits: Keras's CategoricalFocalCrossentropy. */
export function categoricalFocal({
  gamma = 2,
  alpha = 0.25,
  labelSmoothing = 0,
}: {
  readonly gamma?: number;
  readonly alpha?: number;
  readonly labelSmoothing?: number;
} = {}): Loss {
  return {
    name: 'categoricalFocal',
    task: 'single-label',
    terms(logits, targets) {
      const logarithm = tf.logSoftmax(logits);
      const terms = tf.mul(
        modulatingFactor(tf.exp(logarithm), gamma),
        tf.mul(smoothCategorical(targets, labelSmoothing), logarithm),
      );
      return tf.mul(tf.sum(terms, -1, true), -alpha);
    },
  };
}
