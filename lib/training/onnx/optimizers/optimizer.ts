import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { forOptimizer } from '../../optimizer-slots.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { clipGradients } from './clip-gradients.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import type { UpdateRule } from './update-rule.ts';

/** One variable under training: its values, which change in place, and its layer. */
export interface TrainedVariable {
  readonly name: string;
  readonly layer: string;
  readonly values: Float32Array;
}

/** A slot of a variable, which changes in place. */
export interface Slot {
  readonly variable: string;
  readonly values: Float32Array;
}

/** Updates variables by their gradients, in place and in float64. */
export interface ArrayOptimizer {
  /** Number of steps. */
  iterations: number;
  /** The state between steps, by name (`velocity/head_dense_1/kernel`). */
  readonly slots: ReadonlyMap<string, Slot>;
  /** One step, in the order of Keras 3: clip, decay, update. Clipping changes the gradients in place. */
  step(
    variables: readonly TrainedVariable[],
    gradients: readonly Float32Array[],
    rateOf: (variable: TrainedVariable) => number,
  ): void;
}

/** Creates the optimizer of a spec. Its slots have the names of the engine for TensorFlow. */
export function arrayOptimizer(spec: OptimizerSpec, variables: readonly TrainedVariable[]): ArrayOptimizer {
  const rule = forOptimizer<UpdateRule>(spec, { sgd, rmsprop, adam, adagrad });
  const decay = spec.name === 'adamw' ? spec.weightDecay : 0;
  const slots = new Map<string, Slot>();
  for (const { name, values } of variables) {
    for (const [slot, start] of Object.entries(rule.slots)) {
      slots.set(`${slot}/${name}`, { variable: name, values: new Float32Array(values.length).fill(start) });
    }
  }
  const slotOf = (key: string): Float32Array => {
    const slot = slots.get(key);
    if (slot === undefined) throw new TypeError(`the optimizer has no slot ${key}`);
    return slot.values;
  };
  return {
    iterations: 0,
    slots,
    step(trained, gradients, rateOf) {
      this.iterations += 1;
      clipGradients(gradients, spec);
      for (const [i, variable] of trained.entries()) {
        const gradient = gradients[i];
        if (gradient === undefined) throw new TypeError(`no gradient for ${variable.name}`);
        const rate = rateOf(variable);
        if (decay !== 0) scale(variable.values, 1 - decay * rate);
        const slot = (key: string): Float32Array => slotOf(`${key}/${variable.name}`);
        rule.update(variable.values, gradient, { slot, rate, iteration: this.iterations });
      }
    },
  };
}

/** Multiplies all values, in place. */
function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
}
