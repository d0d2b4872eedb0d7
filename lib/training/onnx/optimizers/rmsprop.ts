import type { UpdateRule } from './update-rule.ts';

/** Settings of RMSprop. */
export interface RmspropConfig {
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** Divides by the gradient's deviation instead of its root mean square. */
  readonly centered: boolean;
}

/**
 * RMSprop (Tieleman & Hinton, Coursera lecture 6.5) as Keras has it: v = p v + (1 - p) g^2, s = r g / sqrt(v + epsilon),
 * w -= s; with momentum, u = m u + s and w -= u; centered, v less the square of the average gradient.
 */
export function rmsprop({ rho, momentum, epsilon, centered }: RmspropConfig): UpdateRule {
  return {
    slots: { velocity: 0, ...(momentum > 0 && { momentum: 0 }), ...(centered && { averageGradient: 0 }) },
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
