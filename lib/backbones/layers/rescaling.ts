import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerArgs } from './layer-parts.ts';
import { onlyTensor } from './layer-parts.ts';

/** Arguments of `Rescaling`. */
export interface RescalingArgs extends LayerArgs {
  /** One number for all channels, or one per channel. */
  readonly scale: number | readonly number[];
  /** Default 0. */
  readonly offset?: number | readonly number[];
}

/** Computes x * scale + offset. It replaces TF.js's own layer in the registry, which lacks scales per channel. */
export class Rescaling extends layers.Layer {
  static readonly className = 'Rescaling';
  readonly #scale: RescalingArgs['scale'];
  readonly #offset: RescalingArgs['scale'];

  constructor({ scale, offset = 0, ...args }: RescalingArgs) {
    super(args);
    this.#scale = scale;
    this.#offset = offset;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = tf.cast(onlyTensor(inputs), 'float32');
      const scaled = this.#scale === 1 ? x : tf.mul(x, asTensor(this.#scale));
      return this.#offset === 0 ? scaled : tf.add(scaled, asTensor(this.#offset));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: asConfig(this.#scale), offset: asConfig(this.#offset) };
  }
}

tf.serialization.registerClass(Rescaling);

function asTensor(value: RescalingArgs['scale']): tf.Tensor {
  return typeof value === 'number' ? tf.scalar(value) : tf.tensor1d([...value]);
}

function asConfig(value: RescalingArgs['scale']): number | number[] {
  return typeof value === 'number' ? value : [...value];
}
