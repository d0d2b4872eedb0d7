import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/** Sum over the leading axes as a product with ones. It computes the gradients of all biases. */
export const sum: WasmKernel = overLeadingAxes(tf.Sum, () => 1);

/** Mean over the leading axes, computed in the same way. Batch normalization uses it for its statistics. */
export const mean: WasmKernel = overLeadingAxes(tf.Mean, (count) => 1 / count);

/**
 * Creates a kernel that reduces the leading axes with a matrix product. The backend's own kernels transpose the whole
 * tensor first, and take 5 to 20 times as long.
 */
function overLeadingAxes(name: string, weight: (count: number) => number): WasmKernel {
  return {
    name,
    run(call, stock) {
      const x = inputTensor(call, 'x');
      const { axis, keepDims } = attributesOf<tf.SumAttrs & tf.MeanAttrs>(call);
      const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
      const leading = axes.length > 0 && axes.length < x.rank && axes.every((each, index) => each === index);
      if (!leading || x.dtype !== 'float32' || x.size === 0) return stock(call);
      const rest = x.shape.slice(axes.length);
      const size = tf.util.sizeFromShape(rest);
      const count = x.size / size;
      const shape = keepDims ? [...axes.map(() => 1), ...rest] : rest;
      return tf.tidy(() => tf.reshape(tf.matMul(tf.fill([1, count], weight(count)), tf.reshape(x, [count, size])), shape));
    },
  };
}
