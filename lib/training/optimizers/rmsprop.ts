import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './optimizer.ts';

export interface RmspropConfig {
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** Divides by the gradient's deviation instead of its root mean square. */
  readonly centered: boolean;
}

/** RMSprop (Tieleman & Hinton, Coursera lecture 6.5) as Keras has it: epsilon is inside the root. */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropConfig): UpdateRule {
  return {
    slots: { velocity: 0, ...(momentum > 0 && { momentum: 0 }), ...(centered && { averageGradient: 0 }) },
    update(value, gradient, { slot, rate }) {
      const velocity = average(slot('velocity'), tf.square(gradient), rho);
      slot('velocity').assign(velocity);
      let variance = velocity;
      if (centered) {
        const mean = average(slot('averageGradient'), gradient, rho);
        slot('averageGradient').assign(mean);
        variance = tf.sub(velocity, tf.square(mean));
      }
      const step = tf.div(tf.mul(gradient, rate), tf.sqrt(tf.add(variance, epsilon)));
      if (momentum === 0) return tf.sub(value, step);
      const moment = tf.add(tf.mul(slot('momentum'), momentum), step);
      slot('momentum').assign(moment);
      return tf.sub(value, moment);
    },
  };
}

function average(past: tf.Tensor, value: tf.Tensor, rho: number): tf.Tensor {
  return tf.add(tf.mul(past, rho), tf.mul(value, 1 - rho));
}
