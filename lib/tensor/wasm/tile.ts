import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * Tile of axes of size 1 as a broadcast product. The gradient of batch normalization repeats its statistics over all
 * pixels this way. The backend's own kernel copies number by number, two hundred times slower.
 */
export const tile: WasmKernel = {
  name: tf.Tile,
  run(call, stock) {
    const x = inputTensor(call, 'x');
    const { reps } = attributesOf<tf.TileAttrs>(call);
    const broadcasts = x.shape.every((size, axis) => size === 1 || reps[axis] === 1);
    if (!broadcasts || x.dtype !== 'float32' || reps.length !== x.rank) return stock(call);
    return tf.tidy(() => tf.mul(x, tf.ones(reps)));
  },
};
