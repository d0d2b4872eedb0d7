import { type RmspropSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * RMSprop (Tieleman & Hinton, Coursera lecture 6.5) as Keras has it: v = p v + (1 - p) g^2, s = r g / sqrt(v + epsilon),
 * w -= s; with momentum, u = m u + s and w -= u; centered, v less the square of the average gradient.
 */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropSettings): UpdateRule {
  return {
    slots: slotsOf.rmsprop({ rho, momentum, epsilon, centered }),
    update(values, gradient, { slot, rate }) {
      const velocity = slot('velocity');
      const average = centered ? slot('averageGradient') : undefined;
      const moving = momentum > 0 ? slot('momentum') : undefined;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] ?? 0;
        velocity[i] = rho * (velocity[i] ?? 0) + (1 - rho) * g * g;
        let variance = velocity[i] ?? 0;
        if (average !== undefined) {
          average[i] = rho * (average[i] ?? 0) + (1 - rho) * g;
          variance -= (average[i] ?? 0) ** 2;
        }
        let step = (rate * g) / Math.sqrt(variance + epsilon);
        if (moving !== undefined) {
          step += momentum * (moving[i] ?? 0);
          moving[i] = step;
        }
        values[i] = (values[i] ?? 0) - step;
      }
    },
  };
}
