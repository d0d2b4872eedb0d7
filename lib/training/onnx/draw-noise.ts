import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import type { OnnxResult } from '../../onnx/onnx-session.ts';
import type { NoiseInput } from './converters/training-converters.ts';

/**
 * Draws the factors of a random layer for a batch: the layer itself, in training mode, of ones. So an engine for
 * another runtime with the same seed drops the same values.
 */
export function drawNoise(layer: layers.Layer, { shape }: NoiseInput, count: number, seed: number): OnnxResult {
  // TF.js reads a random layer's seed at each call, but declares it read-only.
  Object.assign(layer, { seed });
  const dims = shape.map((size) => size ?? count);
  // The array is read outside: a tidy call looks for tensors in every element of what it returns.
  const factors = tf.tidy(() => {
    const [applied] = [layer.apply(tf.ones(dims), { training: true })].flat();
    if (applied instanceof tf.Tensor) return applied;
    throw new TypeError(`${layer.name} gave no tensor`);
  });
  try {
    return { data: factors.dataSync<'float32'>(), dims };
  } finally {
    factors.dispose();
  }
}
