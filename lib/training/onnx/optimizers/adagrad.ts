import { type AdagradSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/** Adagrad (Duchi et al., JMLR 12, 2011) as Keras has it: a += g^2, w -= r g / sqrt(a + epsilon). */
export function adagrad({ initialAccumulator, epsilon }: AdagradSettings): UpdateRule {
  return {
    slots: slotsOf.adagrad({ initialAccumulator, epsilon }),
    update(kernels, { bytes, values, gradient, slot }, { rate }) {
      kernels.adagrad(bytes, values, gradient, slot('accumulator'), rate, epsilon);
    },
  };
}
