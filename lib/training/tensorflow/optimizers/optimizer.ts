import * as tf from '@tensorflow/tfjs-core';
import type { ModelVariable } from '../leaf-layers.ts';
import { type Clipping, clipGradients } from './clip-gradients.ts';

/** Moves a model's variables against their gradients. */
export interface Optimizer {
  readonly variables: readonly ModelVariable[];
  /** How many steps were taken; Adam's bias correction depends on it. */
  iterations: number;
  /** What is remembered between steps, by name (`velocity/head_dense_1/kernel`). With `iterations` it is the whole state. */
  readonly slots: ReadonlyMap<string, tf.Variable>;
  /** One step. The gradients are in the order of the variables; `rateOf` a variable is its learning rate. */
  step(gradients: readonly tf.Tensor[], rateOf: (variable: ModelVariable) => number): void;
  dispose(): void;
}

/** The formula of an optimizer: how one variable moves. */
export interface UpdateRule {
  /** The slots that each variable has, and the value that each starts from. */
  readonly slots: Readonly<Record<string, number>>;
  /** The variable's new value; assigns its slots. Runs inside a tidy. `iteration` counts from 1. */
  update(
    value: tf.Tensor,
    gradient: tf.Tensor,
    step: { readonly slot: (name: string) => tf.Variable; readonly rate: number; readonly iteration: number },
  ): tf.Tensor;
}

export interface OptimizerOptions extends Clipping {
  /** Before each step a variable loses this share of itself, times the learning rate: decoupled from the gradient. */
  readonly weightDecay?: number;
}

/** An optimizer of these variables that follows `rule`, as Keras 3 does: clip, decay, update. */
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
