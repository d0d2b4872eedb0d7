import * as tf from '@tensorflow/tfjs-core';
import { type AdamSettings, slotsOf } from '../../optimizer-slots.ts';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/**
 * Creates Adam (Kingma & Ba, arXiv:1412.6980) in Keras's form, the one before its section 2.1: the bias correction is
 * in the rate, and epsilon is added to the root of the uncorrected second moment. TF.js's own Adam adds it to the
 * corrected one.
 */
export function adam({ beta1, beta2, epsilon, amsgrad = false }: AdamSettings): UpdateRule {
  return {
    slots: slotsOf.adam({ beta1, beta2, epsilon, amsgrad }),
    update(value, gradient, { slot, rate, iteration }) {
      const corrected = (rate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
      const momentum = advance(slot('momentum'), () => towards(slot('momentum'), gradient, 1 - beta1));
      const velocity = advance(slot('velocity'), () => towards(slot('velocity'), tf.square(gradient), 1 - beta2));
      const scale = amsgrad ? advance(slot('largestVelocity'), () => tf.maximum(slot('largestVelocity'), velocity)) : velocity;
      return tf.tidy(() => {
        const denominator = tf.tidy(() => tf.add(tf.sqrt(scale), epsilon));
        return tf.sub(value, tf.div(tf.mul(momentum, corrected), denominator));
      });
    },
  };
}

function towards(average: tf.Tensor, value: tf.Tensor, share: number): tf.Tensor {
  return tf.add(average, tf.mul(tf.sub(value, average), share));
}
