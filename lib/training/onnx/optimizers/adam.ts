import { type AdamSettings, slotsOf } from '../../optimizer-slots.ts';
import { NONE } from './update-kernels.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * Adam (Kingma & Ba, arXiv:1412.6980) in Keras's form, the one before its section 2.1: m += (1 - b1) (g - m),
 * v += (1 - b2) (g^2 - v), w -= r sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 */
export function adam({ beta1, beta2, epsilon, amsgrad = false }: AdamSettings): UpdateRule {
  return {
    slots: slotsOf.adam({ beta1, beta2, epsilon, amsgrad }),
    update(kernels, { bytes, values, gradient, slot }, { rate, iteration }) {
      const corrected = (rate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
      const largest = amsgrad ? slot('largestVelocity') : NONE;
      const [momentum, velocity] = [slot('momentum'), slot('velocity')];
      kernels.adam(bytes, values, gradient, momentum, velocity, largest, corrected, 1 - beta1, 1 - beta2, epsilon);
    },
  };
}
