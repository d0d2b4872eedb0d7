import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { forOptimizer } from '../../optimizer-slots.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { clipGradients } from './clip-gradients.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import { addressOf, allocateVariables, type VariableArrays } from './update-memory.ts';
import type { UpdateRule, VariableAddresses } from './update-rule.ts';

/** A variable that an optimizer will update. */
interface OptimizedVariable {
  readonly name: string;
  readonly layer: string;
  /** Number of values. */
  readonly size: number;
}

/** A slot of a variable, which changes in place. */
export interface Slot {
  readonly variable: string;
  readonly values: Float32Array;
}

/** Updates variables by their gradients, in place and in float32. */
export interface ArrayOptimizer<Variable> {
  /** Number of steps. */
  iterations: number;
  /** The variables with the arrays that a step reads and changes: zeros at first. */
  readonly variables: readonly (Variable & Pick<VariableArrays, 'values' | 'gradient'>)[];
  /** The state between steps, by name (`velocity/head_dense_1/kernel`). */
  readonly slots: ReadonlyMap<string, Slot>;
  /** One step, in the order of Keras 3: clip, decay, update. Clipping changes the gradients in place. */
  step(rateOf: (variable: Variable) => number): void;
}

/**
 * Creates the optimizer of a spec, and the arrays of its variables. Its slots have the names of the engine for
 * TensorFlow.
 * @throws SpecError VARIABLE_TOO_LARGE; CapacityError MEMORY_TOO_SMALL
 */
export function arrayOptimizer<Variable extends OptimizedVariable>(
  spec: OptimizerSpec,
  variables: readonly Variable[],
): ArrayOptimizer<Variable> {
  const rule = forOptimizer<UpdateRule>(spec, { sgd, rmsprop, adam, adagrad });
  const optimized = allocateVariables(variables, rule.slots);
  const gradients = optimized.map(({ gradient }) => gradient);
  // The arrays stay where they are.
  const updates = optimized.map((variable) => ({ variable, addresses: addressesOf(variable) }));
  const decay = spec.name === 'adamw' ? spec.weightDecay : 0;
  return {
    iterations: 0,
    variables: optimized,
    slots: new Map(
      optimized.flatMap(({ name, slots }) =>
        [...slots].map(([slot, values]) => [`${slot}/${name}`, { variable: name, values }] as const),
      ),
    ),
    step(rateOf) {
      this.iterations += 1;
      clipGradients(gradients, spec);
      for (const { variable, addresses } of updates) {
        const { kernels } = variable;
        const rate = rateOf(variable);
        if (decay !== 0) kernels.scale(addresses.bytes, addresses.values, 1 - decay * rate);
        rule.update(kernels, addresses, { rate, iteration: this.iterations });
      }
    },
  };
}

function addressesOf({ bytes, values, gradient, slots }: VariableArrays): VariableAddresses {
  return {
    bytes,
    values: addressOf(values),
    gradient: addressOf(gradient),
    slot(name) {
      const slot = slots.get(name);
      if (slot === undefined) throw new TypeError(`the optimizer has no slot ${name}`);
      return addressOf(slot);
    },
  };
}
