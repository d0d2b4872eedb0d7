import * as tf from '@tensorflow/tfjs-core';
import { type AdagradSettings, slotsOf } from '../../optimizer-slots.ts';
import { advance } from './advance.ts';
import type { UpdateRule } from './optimizer.ts';

/** Adagrad (Duchi et al., JMLR 12, 2011) as Keras has it: epsilon is inside the root. */
export function adagrad({ initialAccumulator, epsilon }: AdagradSettings): UpdateRule {
  return {
    slots: slotsOf.adagrad({ initialAccumulator, epsilon }),
    update(value, gradient, { slot, rate }) {
      const accumulator = advance(slot('accumulator'), () => tf.add(slot('accumulator'), tf.square(gradient)));
      return tf.tidy(() => {
        const denominator = tf.tidy(() => tf.sqrt(tf.add(accumulator, epsilon)));
        return tf.sub(value, tf.div(tf.mul(gradient, rate), denominator));
      });
    },
  };
}
