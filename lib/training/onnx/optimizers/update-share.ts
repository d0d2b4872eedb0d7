import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import { forOptimizer } from '../../optimizer-slots.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';
import type { UpdateRule } from './update-rule.ts';

/** The arrays of a variable under training, which all have one length and change in place. */
export interface VariableArrays {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** By the name of the slot. */
  readonly slots: Readonly<Record<string, Float32Array>>;
}

/** Which part of each variable a thread updates: one of `count` equal ones. */
export interface Share {
  readonly index: number;
  readonly count: number;
}

/** Updates a share of all variables. @param rates the learning rate of each; `iteration` counts from 1 */
export type UpdateShare = (rates: ArrayLike<number>, iteration: number) => void;

/** Returns the update rule of an optimizer. */
export function ruleOf(spec: OptimizerSpec): UpdateRule {
  return forOptimizer<UpdateRule>(spec, { sgd, rmsprop, adam, adagrad });
}

/** Creates the update of one share: each weight decays first, where the optimizer has a decay of its own. */
export function updateOfShare(spec: OptimizerSpec, variables: readonly VariableArrays[], share: Share): UpdateShare {
  const rule = ruleOf(spec);
  const decay = spec.name === 'adamw' ? spec.weightDecay : 0;
  const parts = variables.map(({ values, gradient, slots }) => ({
    values: partOf(values, share),
    gradient: partOf(gradient, share),
    slots: Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, partOf(slot, share)])),
  }));
  return (rates, iteration) => {
    for (const [i, { values, gradient, slots }] of parts.entries()) {
      const rate = rates[i] ?? 0;
      if (decay !== 0) scale(values, 1 - decay * rate);
      const slot = (name: string): Float32Array => slotNamed(slots, name);
      rule.update(values, gradient, { slot, rate, iteration });
    }
  };
}

function partOf(array: Float32Array, { index, count }: Share): Float32Array {
  const start = (part: number): number => Math.floor((part * array.length) / count);
  return array.subarray(start(index), start(index + 1));
}

function slotNamed(slots: VariableArrays['slots'], name: string): Float32Array {
  const slot = slots[name];
  if (slot === undefined) throw new TypeError(`the optimizer has no slot ${name}`);
  return slot;
}

/** Multiplies all values, in place. */
function scale(values: Float32Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
}
