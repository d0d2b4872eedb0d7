import * as tf from '@tensorflow/tfjs-core';
import type { ModelVariable } from '../../layers-model/leaf-layers.ts';
import { type Clipping, clipGradients } from './clip-gradients.ts';

/** Updates a model's variables by their gradients. */
export interface Optimizer {
  readonly variables: readonly ModelVariable[];
  /** Number of steps; Adam's bias correction depends on it. */
  iterations: number;
  /**
   * The state between steps, by name (`velocity/head_dense_1/kernel`). Together with `iterations` it is the complete
   * state.
   */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** One step. The gradients are in the order of the variables; `rateOf` gives the learning rate of a variable. */
  step(gradients: readonly tf.Tensor[], rateOf: (variable: ModelVariable) => number): void;
  dispose(): void;
}

/** The update rule of an optimizer for one variable. */
export interface UpdateRule {
  /** The slots of each variable, with their initial values. */
  readonly slots: Readonly<Record<string, number>>;
  /** Computes the variable's new value, and assigns its slots. Runs inside a tidy. `iteration` counts from 1. */
  update(
    value: tf.Tensor,
    gradient: tf.Tensor,
    step: { readonly slot: (name: string) => tf.Variable; readonly rate: number; readonly iteration: number },
  ): tf.Tensor;
}

export interface OptimizerOptions extends Clipping {
  /** Decoupled weight decay: before each step a variable loses this share of itself, times the learning rate. */
  readonly weightDecay?: number;
}

/** Creates an optimizer of these variables that follows `rule`, in the order of Keras 3: clip, decay, update. */
export function createOptimizer(
  rule: UpdateRule,
  variables: readonly ModelVariable[],
  { weightDecay = 0, ...clipping }: OptimizerOptions = {},
): Optimizer {
  const slots = new Map<string, tf.Variable>();
  for (const { name, variable } of variables) {
    for (const [slot, start] of Object.entries(rule.slots)) {
      const initial = tf.fill(variable.shape, start);
      slots.set(`${slot}/${name}`, tf.variable(initial, false));
      initial.dispose();
    }
  }
  const slotOf = (key: string): tf.Variable => {
    const slot = slots.get(key);
    if (slot === undefined) throw new TypeError(`the optimizer has no slot ${key}`);
    return slot;
  };
  return {
    variables,
    iterations: 0,
    slots,
    step(gradients, rateOf) {
      this.iterations += 1;
      const iteration = this.iterations;
      tf.tidy(() => {
        const clipped = clipGradients(gradients, clipping);
        for (const [i, { name, variable }] of variables.entries()) {
          const gradient = clipped[i];
          if (gradient === undefined) throw new TypeError(`no gradient for ${name}`);
          tf.tidy(() => {
            const rate = rateOf(variables[i] ?? { name, layer: '', variable });
            const value = weightDecay === 0 ? variable : tf.mul(variable, 1 - weightDecay * rate);
            const slot = (key: string): tf.Variable => slotOf(`${key}/${name}`);
            variable.assign(rule.update(value, gradient, { slot, rate, iteration }));
          });
        }
      });
    },
    dispose() {
      for (const slot of slots.values()) slot.dispose();
    },
  };
}
