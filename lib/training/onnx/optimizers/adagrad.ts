import { type AdagradSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/** Adagrad (Duchi et al., JMLR 12, 2011) as Keras has it: a += g^2, w -= r g / sqrt(a + epsilon). */
export function adagrad({ initialAccumulator, epsilon }: AdagradSettings): UpdateRule {
  return {
    slots: slotsOf.adagrad({ initialAccumulator, epsilon }),
    update(values, gradient, { slot, rate }) {
      const accumulator = slot('accumulator');
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] ?? 0;
        const a = Math.fround((accumulator[i] ?? 0) + g * g);
        accumulator[i] = a;
        values[i] = (values[i] ?? 0) - (rate * g) / Math.sqrt(a + epsilon);
      }
    },
  };
}
