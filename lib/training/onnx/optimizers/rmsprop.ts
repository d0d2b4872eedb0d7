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
        let variance = Math.fround(rho * (velocity[i] ?? 0) + (1 - rho) * g * g);
        velocity[i] = variance;
        if (average !== undefined) {
          const mean = Math.fround(rho * (average[i] ?? 0) + (1 - rho) * g);
          average[i] = mean;
          variance -= mean ** 2;
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
