import * as tf from '@tensorflow/tfjs-core';
import { inputTensor, type WasmKernel } from './kernel.ts';

/**
 * BatchMatMul that transposes first: the backend's own kernel multiplies plain matrices with XNNPACK, but transposed ones
 * in a scalar loop, 10 to 60 times slower. Every gradient of a dense layer is such a product.
 */
export function batchMatMul(): WasmKernel {
  const stock = tf.getKernel(tf.BatchMatMul, 'wasm').kernelFunc;
  return {
    name: tf.BatchMatMul,
    run({ inputs, backend, attrs }) {
      const a = inputTensor(inputs, 'a');
      const b = inputTensor(inputs, 'b');
      const left = attrs?.transposeA ? transposeMatrices(a) : a;
      const right = attrs?.transposeB ? transposeMatrices(b) : b;
      const product = stock({ inputs: { a: left, b: right }, backend, attrs: { transposeA: false, transposeB: false } });
      if (left !== a) left.dispose();
      if (right !== b) right.dispose();
      return product;
    },
  };
}

/** [..., rows, columns] -> [..., columns, rows] */
function transposeMatrices(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}
