import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerArgs, LayerShape } from './layer-parts.ts';
import { lastSize, onlyShape, onlyTensor } from './layer-parts.ts';

/** Arguments of `Normalization`. */
export interface NormalizationArgs extends LayerArgs {
  /** Constants, one per channel. Without them, mean and variance are weights. */
  readonly mean?: readonly number[] | null;
  readonly variance?: readonly number[] | null;
}

/** Lower limit of the deviation, as in Keras, to avoid division by zero. */
const SMALLEST_DEVIATION = 1e-7;

/** Keras's Normalization over the last axis: (x - mean) / sqrt(variance), with statistics that are never trained. */
export class Normalization extends layers.Layer {
  static readonly className = 'Normalization';
  readonly #mean: readonly number[] | undefined;
  readonly #variance: readonly number[] | undefined;
  #meanWeight: LayerVariable | undefined;
  #varianceWeight: LayerVariable | undefined;

  constructor({ mean, variance, ...args }: NormalizationArgs = {}) {
    super(args);
    this.#mean = mean ?? undefined;
    this.#variance = variance ?? undefined;
  }

  override build(inputShape: LayerShape | LayerShape[]): void {
    if (!this.#mean || !this.#variance) {
      const shape = [lastSize(onlyShape(inputShape))];
      this.#meanWeight = this.addWeight('mean', shape, 'float32', initializers.zeros(), undefined, false);
      this.#varianceWeight = this.addWeight('variance', shape, 'float32', initializers.ones(), undefined, false);
      // The number of images that Keras's adapt() has processed. It does not affect the result, but every weight file
      // has it.
      this.addWeight('count', [], 'float32', initializers.zeros(), undefined, false);
    }
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const mean = this.#meanWeight?.read() ?? tf.tensor1d([...(this.#mean ?? [])]);
      const variance = this.#varianceWeight?.read() ?? tf.tensor1d([...(this.#variance ?? [])]);
      return tf.div(tf.sub(onlyTensor(inputs), mean), tf.maximum(tf.sqrt(variance), SMALLEST_DEVIATION));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const constants = this.#mean && this.#variance ? { mean: [...this.#mean], variance: [...this.#variance] } : {};
    return { ...super.getConfig(), axis: -1, ...constants };
  }
}

tf.serialization.registerClass(Normalization);
