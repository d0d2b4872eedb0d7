import { type SgdSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * Stochastic gradient descent: w -= r g. With momentum as Keras has it, v = m v - r g and w += v, or Nesterov's
 * w += m v - r g.
 */
export function sgd({ momentum = 0, nesterov = false }: SgdSettings): UpdateRule {
  return {
    slots: slotsOf.sgd({ momentum, nesterov }),
    update(kernels, { bytes, values, gradient, slot }, { rate }) {
      if (momentum === 0) kernels.sgd(bytes, values, gradient, rate);
      else kernels.momentum(bytes, values, gradient, slot('velocity'), rate, momentum, nesterov);
    },
  };
}
