import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { WindowOptions } from './functional.ts';
import { activate, averagePool, batchNorm, concatenate, conv2d, maxPool } from './functional.ts';

/** One step of a branch: a convolution with normalization and activation, a pool, or further branches. */
export type InceptionStep = ConvolutionStep | PoolStep | ForkStep;

/** Parallel branches, each a list of consecutive steps. */
export type Branches = readonly (readonly InceptionStep[])[];

/** A convolution with normalization and activation. */
export interface ConvolutionStep extends WindowOptions {
  readonly kind: 'convolution';
  readonly filters: number;
}

/** A max or average pool. */
export interface PoolStep extends WindowOptions {
  readonly kind: 'maximum' | 'average';
}

/** Parallel branches inside a branch. */
export interface ForkStep {
  readonly kind: 'fork';
  /** Name of the layer that joins the branches. Default: numbered as in Keras. */
  readonly name?: string;
  readonly branches: Branches;
}

type Names = (kind: string) => string;

/**
 * Builds an Inception module (Szegedy et al., arXiv:1409.4842): applies several branches to one map and concatenates
 * their maps.
 */
export function inceptionModule(x: SymbolicTensor, branches: Branches, name: string, auto: Names): SymbolicTensor {
  const ends = branches.map((steps) => follow(x, steps, auto));
  return concatenate(ends, name);
}

/** Applies the steps one after another. */
export function follow(x: SymbolicTensor, steps: readonly InceptionStep[], auto: Names): SymbolicTensor {
  return steps.reduce((map, step) => take(map, step, auto), x);
}

/** Applies a convolution, a normalization (without gamma, since the next convolution can scale) and an activation. */
export function convolve(
  x: SymbolicTensor,
  [convolution, normalization, activation]: readonly [string, string, string],
  filters: number,
  window: WindowOptions,
): SymbolicTensor {
  return activate(batchNorm(conv2d(x, convolution, filters, window), normalization, { scale: false }), activation, 'relu');
}

function take(x: SymbolicTensor, step: InceptionStep, auto: Names): SymbolicTensor {
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
