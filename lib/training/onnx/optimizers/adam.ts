import { type AdamSettings, slotsOf } from '../../optimizer-slots.ts';
import type { UpdateRule } from './update-rule.ts';

/**
 * Adam (Kingma & Ba, arXiv:1412.6980) in Keras's form, the one before its section 2.1: m += (1 - b1) (g - m),
 * v += (1 - b2) (g^2 - v), w -= r sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).
 */
export function adam({ beta1, beta2, epsilon, amsgrad = false }: AdamSettings): UpdateRule {
  return {
    slots: slotsOf.adam({ beta1, beta2, epsilon, amsgrad }),
    update(values, gradient, { slot, rate, iteration }) {
      const corrected = (rate * Math.sqrt(1 - beta2 ** iteration)) / (1 - beta1 ** iteration);
      const [momentum, velocity] = [slot('momentum'), slot('velocity')];
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] ?? 0;
        const m = momentum[i] ?? 0;
        const v = velocity[i] ?? 0;
        momentum[i] = m + (1 - beta1) * (g - m);
        velocity[i] = v + (1 - beta2) * (g * g - v);
      }
      const scale = amsgrad ? raise(slot('largestVelocity'), velocity) : velocity;
      for (let i = 0; i < values.length; i++) {
        values[i] = (values[i] ?? 0) - (corrected * (momentum[i] ?? 0)) / (Math.sqrt(scale[i] ?? 0) + epsilon);
      }
    },
  };
}

/** Raises each value to at least that of another array, in place. */
function raise(largest: Float32Array, values: Float32Array): Float32Array {
  for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i] ?? 0, values[i] ?? 0);
  return largest;
}
