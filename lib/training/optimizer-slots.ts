/** What the optimizers of all engines share: their settings, and the names of their slots, as checkpoints have them. */
import type { OptimizerSpec } from '../contracts/training-spec.ts';

type Named<Name extends OptimizerSpec['name']> = Extract<OptimizerSpec, { readonly name: Name }>;

/** Adam's settings. `amsgrad` divides by the largest second moment so far (Reddi et al., arXiv:1904.09237). */
export type AdamSettings = Pick<Named<'adam'>, 'beta1' | 'beta2' | 'epsilon'> & Partial<Pick<Named<'adam'>, 'amsgrad'>>;
/** RMSprop's settings. `centered` divides by the gradient's deviation instead of its root mean square. */
export type RmspropSettings = Pick<Named<'rmsprop'>, 'rho' | 'momentum' | 'epsilon' | 'centered'>;
export type AdagradSettings = Pick<Named<'adagrad'>, 'initialAccumulator' | 'epsilon'>;
export type SgdSettings = Partial<Pick<Named<'sgd'>, 'momentum' | 'nesterov'>>;

/** Something for each kind of optimizer. */
export interface ByOptimizer<T> {
  readonly sgd: (settings: SgdSettings) => T;
  readonly rmsprop: (settings: RmspropSettings) => T;
  readonly adam: (settings: AdamSettings) => T;
  readonly adagrad: (settings: AdagradSettings) => T;
}

/** Initial values by the name of the slot; each variable has one slot of its own shape for each name. */
export type Slots = Readonly<Record<string, number>>;

/** The slots of an optimizer, by its settings. */
export const slotsOf: ByOptimizer<Slots> = {
  sgd: ({ momentum = 0 }) => (momentum === 0 ? {} : { velocity: 0 }),
  rmsprop: ({ momentum, centered }) => ({
    velocity: 0,
    ...(momentum > 0 && { momentum: 0 }),
    ...(centered && { averageGradient: 0 }),
  }),
  adam: ({ amsgrad = false }) => (amsgrad ? { momentum: 0, velocity: 0, largestVelocity: 0 } : { momentum: 0, velocity: 0 }),
  adagrad: ({ initialAccumulator }) => ({ accumulator: initialAccumulator }),
};

/** Chooses by the optimizer of a spec. AdamW is Adam with a decay that all rules apply alike. */
export function forOptimizer<T>(spec: OptimizerSpec, each: ByOptimizer<T>): T {
  switch (spec.name) {
    case 'sgd':
      return each.sgd(spec);
    case 'rmsprop':
      return each.rmsprop(spec);
    case 'adam':
    case 'adamw':
      return each.adam(spec);
    case 'adagrad':
      return each.adagrad(spec);
  }
}

/** Names of an optimizer's slots. */
export function slotNames(spec: OptimizerSpec): string[] {
  return Object.keys(forOptimizer(spec, slotsOf));
}
