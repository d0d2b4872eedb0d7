import type { Slots } from '../../optimizer-slots.ts';
import type { Address, UpdateKernels } from './update-kernels.ts';

/** A variable under training, as the kernels see it. */
export interface VariableAddresses {
  /** The length of each array. */
  readonly bytes: number;
  readonly values: Address;
  readonly gradient: Address;
  readonly slot: (name: string) => Address;
}

/** The update rule of an optimizer for one variable. */
export interface UpdateRule {
  /** The slots of each variable, with their initial values. */
  readonly slots: Slots;
  /** Changes the values and the slots in place. `iteration` counts from 1. */
  update(kernels: UpdateKernels, variable: VariableAddresses, step: { readonly rate: number; readonly iteration: number }): void;
}
