import * as tf from '@tensorflow/tfjs-core';
import { type RmspropSettings, slotsOf } from '../../optimizer-slots.ts';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/** RMSprop (Tieleman & Hinton, Coursera lecture 6.5) as Keras has it: epsilon is inside the root. */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropSettings): UpdateRule {
  return {
    slots: slotsOf.rmsprop({ rho, momentum, epsilon, centered }),
    update(value, gradient, { slot, rate }) {
      const velocity = advance(slot('velocity'), () => average(slot('velocity'), tf.square(gradient), rho));
      const mean = centered ? advance(slot('averageGradient'), () => average(slot('averageGradient'), gradient, rho)) : undefined;
      const step = tf.tidy(() => {
        const variance = mean === undefined ? velocity : tf.sub(velocity, tf.square(mean));
        const denominator = tf.tidy(() => tf.sqrt(tf.add(variance, epsilon)));
        return tf.div(tf.mul(gradient, rate), denominator);
      });
      if (momentum === 0) return tf.sub(value, step);
      return tf.sub(
        value,
        advance(slot('momentum'), () => tf.add(tf.mul(slot('momentum'), momentum), step)),
      );
    },
  };
}

function average(past: tf.Tensor, value: tf.Tensor, rho: number): tf.Tensor {
  return tf.add(tf.mul(past, rho), tf.mul(value, 1 - rho));
}
