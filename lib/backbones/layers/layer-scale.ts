import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerArgs } from './layer-parts.ts';
import { onlyTensor } from './layer-parts.ts';

/** Arguments of `LayerScale`. */
export interface LayerScaleArgs extends LayerArgs {
  /** Number of channels. */
  readonly projectionDim: number;
  /** Initial value of all weights. */
  readonly initValues: number;
}

/** Multiplies each channel by its own weight (Touvron et al., arXiv:2103.17239). */
export class LayerScale extends layers.Layer {
  static readonly className = 'LayerScale';
  readonly #projectionDim: number;
  readonly #initValues: number;
  #gamma: LayerVariable | undefined;

  constructor({ projectionDim, initValues, ...args }: LayerScaleArgs) {
    super(args);
    this.#projectionDim = projectionDim;
    this.#initValues = initValues;
  }

  override build(): void {
    this.#gamma = this.addWeight('gamma', [this.#projectionDim], 'float32', initializers.constant({ value: this.#initValues }));
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(onlyTensor(inputs), this.#gamma?.read() ?? this.#initValues);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), projectionDim: this.#projectionDim, initValues: this.#initValues };
  }
}

tf.serialization.registerClass(LayerScale);
