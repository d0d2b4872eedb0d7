import { type SgdSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * Stochastic gradient descent: w -= r g. With momentum as Keras has it, v = m v - r g and w += v, or Nesterov's
 * w += m v - r g.
 */
export function sgd({ momentum = 0, nesterov = false }: SgdSettings): UpdateRule {
  const slots = slotsOf.sgd({ momentum, nesterov });
  if (momentum === 0) {
    return {
      slots,
      update(values, gradient, { rate }) {
        for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) - rate * (gradient[i] ?? 0);
      },
    };
  }
  return {
    slots,
    update(values, gradient, { slot, rate }) {
      const velocity = slot('velocity');
      for (let i = 0; i < values.length; i++) {
        const step = rate * (gradient[i] ?? 0);
        const moved = momentum * (velocity[i] ?? 0) - step;
        velocity[i] = moved;
        values[i] = (values[i] ?? 0) + (nesterov ? momentum * moved - step : moved);
      }
    },
  };
}
