import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * AvgPoolGrad that matches AvgPool: a window at the edge averages only the pixels inside the image. The backend's own
 * gradient divides by the whole window, so this kernel scales the gradient up at the edges first.
 */
export const avgPoolGrad: WasmKernel = {
  name: tf.AvgPoolGrad,
  run(call, stock) {
    const dy = inputTensor(call, 'dy');
    const [batch = 0, height = 0, width = 0, channels = 0] = inputTensor(call, 'input').shape;
    const { filterSize, strides, pad } = attributesOf<tf.AvgPoolGradAttrs>(call);
    const pool = tf.backend_util.computePool2DInfo([batch, height, width, channels], filterSize, strides, 1, pad);
    const rows = sharesInside(pool.outHeight, pool.strideHeight, pool.filterHeight, pool.padInfo.top, height);
    const columns = sharesInside(pool.outWidth, pool.strideWidth, pool.filterWidth, pool.padInfo.left, width);
    if ([...rows, ...columns].every((share) => share === 1)) return stock(call);
    const scaled = tf.tidy(() => {
      const shares = tf.mul(tf.tensor(rows, [1, rows.length, 1, 1]), tf.tensor(columns, [1, 1, columns.length, 1]));
      return tf.div(dy, shares);
    });
    const dx = stock({ ...call, inputs: { ...call.inputs, dy: scaled } });
    scaled.dispose();
    return dx;
  },
};

/** Returns, for each window along one axis, the fraction of it that is inside the image. */
function sharesInside(windows: number, stride: number, length: number, padding: number, size: number): number[] {
  return Array.from({ length: windows }, (_, window) => {
    const start = window * stride - padding;
    return (Math.min(start + length, size) - Math.max(start, 0)) / length;
  });
}
