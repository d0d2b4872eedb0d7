import * as tf from '@tensorflow/tfjs-core';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/** Adagrad (Duchi et al., JMLR 12, 2011) as Keras has it: epsilon is inside the root. */
export function adagrad({
  initialAccumulator,
  epsilon,
}: {
  readonly initialAccumulator: number;
  readonly epsilon: number;
}): UpdateRule {
  return {
    slots: { accumulator: initialAccumulator },
    update(value, gradient, { slot, rate }) {
      const accumulator = advance(slot('accumulator'), () => tf.add(slot('accumulator'), tf.square(gradient)));
      return tf.tidy(() => {
        const denominator = tf.tidy(() => tf.sqrt(tf.add(accumulator, epsilon)));
        return tf.sub(value, tf.div(tf.mul(gradient, rate), denominator));
      });
    },
  };
}
