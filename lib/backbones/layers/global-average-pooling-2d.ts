import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerArgs, Shape } from './layer-parts.ts';
import { onlyShape, onlyTensor } from './layer-parts.ts';

export interface GlobalAveragePooling2DArgs extends LayerArgs {
  /** Whether the mean stays a map of one pixel; default false. */
  readonly keepdims?: boolean;
}

/** The mean over height and width. TF.js's own, whose place in the registry this one takes, has no `keepdims`. */
export class GlobalAveragePooling2D extends layers.Layer {
  static readonly className = 'GlobalAveragePooling2D';
  readonly #keepdims: boolean;

  constructor({ keepdims = false, ...args }: GlobalAveragePooling2DArgs = {}) {
    super(args);
    this.#keepdims = keepdims;
  }

  override computeOutputShape(inputShapes: Shape | Shape[]): Shape {
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
