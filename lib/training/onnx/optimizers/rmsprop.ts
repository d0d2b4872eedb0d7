import { type RmspropSettings, slotsOf } from '../../optimizer-slots.ts';
import { NONE } from './update-kernels.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * RMSprop (Tieleman & Hinton, Coursera lecture 6.5) as Keras has it: v = p v + (1 - p) g^2, s = r g / sqrt(v + epsilon),
 * w -= s; with momentum, u = m u + s and w -= u; centered, v less the square of the average gradient.
 */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropSettings): UpdateRule {
  return {
    slots: slotsOf.rmsprop({ rho, momentum, epsilon, centered }),
    update(kernels, { bytes, values, gradient, slot }, { rate }) {
      const average = centered ? slot('averageGradient') : NONE;
      const moving = momentum > 0 ? slot('momentum') : NONE;
      kernels.rmsprop(bytes, values, gradient, slot('velocity'), average, moving, rate, rho, 1 - rho, momentum, epsilon);
    },
  };
}
