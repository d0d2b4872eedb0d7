import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Window } from './functional.ts';
import { activate, averagePool, batchNorm, concatenate, conv2d, maxPool } from './functional.ts';

/** One step of a branch: a convolution with normalization and activation, a pool, or branches again. */
export type Step = ConvolutionStep | PoolStep | ForkStep;

/** What follows whom, one branch after another. */
export type Branches = readonly (readonly Step[])[];

export interface ConvolutionStep extends Window {
  readonly kind: 'convolution';
  readonly filters: number;
}

export interface PoolStep extends Window {
  readonly kind: 'maximum' | 'average';
}

export interface ForkStep {
  readonly kind: 'fork';
  /** Of the layer that joins the branches; default: as Keras numbers it. */
  readonly name?: string;
  readonly branches: Branches;
}

type Names = (kind: string) => string;

/** An Inception module (Szegedy et al., arXiv:1409.4842): several branches from one map, their maps side by side. */
export function inceptionModule(x: SymbolicTensor, branches: Branches, name: string, auto: Names): SymbolicTensor {
  const ends = branches.map((steps) => follow(x, steps, auto));
  return concatenate(ends, name);
}

/** Goes through the steps one after another. */
export function follow(x: SymbolicTensor, steps: readonly Step[], auto: Names): SymbolicTensor {
  return steps.reduce((map, step) => take(map, step, auto), x);
}

/** A convolution, its normalization (without gamma: the next convolution can scale) and its activation. */
export function convolve(
  x: SymbolicTensor,
  [convolution, normalization, activation]: readonly [string, string, string],
  filters: number,
  window: Window,
): SymbolicTensor {
  return activate(batchNorm(conv2d(x, convolution, filters, window), normalization, { scale: false }), activation, 'relu');
}

function take(x: SymbolicTensor, step: Step, auto: Names): SymbolicTensor {
  switch (step.kind) {
    case 'convolution':
      return convolve(x, [auto('conv2d'), auto('batch_normalization'), auto('activation')], step.filters, step);
    case 'maximum':
      return maxPool(x, auto('max_pooling2d'), step);
    case 'average':
      return averagePool(x, auto('average_pooling2d'), step);
    case 'fork':
      return fork(x, step, auto);
  }
}

function fork(x: SymbolicTensor, { branches, name }: ForkStep, auto: Names): SymbolicTensor {
  return inceptionModule(x, branches, name ?? auto('concatenate'), auto);
}
