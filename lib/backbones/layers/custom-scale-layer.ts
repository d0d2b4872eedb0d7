import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { SpecError } from '../../errors.ts';
import type { LayerArgs, LayerShape } from './layer-parts.ts';
import { onlyShape } from './layer-parts.ts';

/** Arguments of `CustomScaleLayer`. */
export interface CustomScaleLayerArgs extends LayerArgs {
  readonly scale: number;
}

/**
 * Scaled residual of Inception-ResNet (Szegedy et al., arXiv:1602.07261): shortcut + scale * branch, from two inputs.
 */
export class CustomScaleLayer extends layers.Layer {
  static readonly className = 'CustomScaleLayer';
  readonly #scale: number;

  constructor({ scale, ...args }: CustomScaleLayerArgs) {
    super(args);
    this.#scale = scale;
  }

  override computeOutputShape(inputShapes: LayerShape | LayerShape[]): LayerShape {
    return onlyShape(inputShapes);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [shortcut, branch] = [inputs].flat();
    if (!shortcut || !branch) throw new SpecError('LAYER_INPUT_UNEXPECTED', { at: this.name, expected: 'shortcut and branch' });
    return tf.tidy(() => tf.add(shortcut, tf.mul(branch, this.#scale)));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.#scale };
  }
}

tf.serialization.registerClass(CustomScaleLayer);
