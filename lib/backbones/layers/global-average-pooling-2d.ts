import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerArgs, LayerShape } from './layer-parts.ts';
import { onlyShape, onlyTensor } from './layer-parts.ts';

/** Arguments of `GlobalAveragePooling2D`. */
export interface GlobalAveragePooling2DArgs extends LayerArgs {
  /** Whether the output stays a map of one pixel. Default false. */
  readonly keepdims?: boolean;
}

/** Averages over height and width. It replaces TF.js's own layer in the registry, which lacks `keepdims`. */
export class GlobalAveragePooling2D extends layers.Layer {
  static readonly className = 'GlobalAveragePooling2D';
  readonly #keepdims: boolean;

  constructor({ keepdims = false, ...args }: GlobalAveragePooling2DArgs = {}) {
    super(args);
    this.#keepdims = keepdims;
  }

  override computeOutputShape(inputShapes: LayerShape | LayerShape[]): LayerShape {
    const [batch = null, , , channels = null] = onlyShape(inputShapes);
    return this.#keepdims ? [batch, 1, 1, channels] : [batch, channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mean(onlyTensor(inputs), [1, 2], this.#keepdims);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), keepdims: this.#keepdims, dataFormat: 'channelsLast' };
  }
}

tf.serialization.registerClass(GlobalAveragePooling2D);
