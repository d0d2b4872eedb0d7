import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { CallArgs, LayerArgs } from './layer-parts.ts';
import { isTrainingCall, onlyTensor } from './layer-parts.ts';

/** Arguments of `StochasticDepth`. */
export interface StochasticDepthArgs extends LayerArgs {
  /** Probability of dropping an example's branch in training. */
  readonly dropPathRate: number;
}

/** Drops a residual branch for some examples of a batch, in training only (Huang et al., arXiv:1603.09382). */
export class StochasticDepth extends layers.Layer {
  static readonly className = 'StochasticDepth';
  /** Seed of the next draw. The training loop sets it before each pass, as for Dropout. */
  seed: number | undefined;
  readonly #dropPathRate: number;

  constructor({ dropPathRate, ...args }: StochasticDepthArgs) {
    super(args);
    this.seed = undefined;
    this.#dropPathRate = dropPathRate;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], args: CallArgs): tf.Tensor {
    const x = onlyTensor(inputs);
    if (!isTrainingCall(args) || this.#dropPathRate === 0) return x;
    // Draw once per example, for all elements along the other axes.
    return tf.dropout(x, this.#dropPathRate, [x.shape[0] ?? 1, ...x.shape.slice(1).map(() => 1)], this.seed);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), dropPathRate: this.#dropPathRate };
  }
}

tf.serialization.registerClass(StochasticDepth);
