import * as tf from '@tensorflow/tfjs-core';
import { type SgdSettings, slotsOf } from '../../optimizer-slots.ts';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/** Stochastic gradient descent, with momentum as Keras has it (the rate is inside the velocity), or Nesterov's. */
export function sgd({ momentum = 0, nesterov = false }: SgdSettings): UpdateRule {
  const slots = slotsOf.sgd({ momentum, nesterov });
  if (momentum === 0) {
    return { slots, update: (value, gradient, { rate }) => tf.sub(value, tf.mul(gradient, rate)) };
  }
  return {
    slots,
    update(value, gradient, { slot, rate }) {
      const step = tf.mul(gradient, rate);
      const velocity = advance(slot('velocity'), () => tf.sub(tf.mul(slot('velocity'), momentum), step));
      return tf.add(value, nesterov ? tf.sub(tf.mul(velocity, momentum), step) : velocity);
    },
  };
}
