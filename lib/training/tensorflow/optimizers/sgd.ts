import * as tf from '@tensorflow/tfjs-core';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/** Stochastic gradient descent, with momentum as Keras has it (the rate is inside the velocity), or Nesterov's. */
export function sgd({ momentum = 0, nesterov = false }: { readonly momentum?: number; readonly nesterov?: boolean }): UpdateRule {
  if (momentum === 0) {
    return { slots: {}, update: (value, gradient, { rate }) => tf.sub(value, tf.mul(gradient, rate)) };
  }
  return {
    slots: { velocity: 0 },
    update(value, gradient, { slot, rate }) {
      const step = tf.mul(gradient, rate);
      const velocity = advance(slot('velocity'), () => tf.sub(tf.mul(slot('velocity'), momentum), step));
      return tf.add(value, nesterov ? tf.sub(tf.mul(velocity, momentum), step) : velocity);
    },
  };
}
