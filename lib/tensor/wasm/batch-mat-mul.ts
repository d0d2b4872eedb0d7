import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor, type WasmKernel } from './kernel.ts';

/**
 * BatchMatMul that transposes first: the backend's own kernel multiplies plain matrices with XNNPACK, but transposed ones in a
 * scalar loop, 10 to 60 times slower. Every gradient of a dense layer is such a product.
 */
export const batchMatMul: WasmKernel = {
  name: tf.BatchMatMul,
  run(call, stock) {
    const { transposeA, transposeB } = attributesOf<tf.BatchMatMulAttrs>(call);
    const [a, b] = [inputTensor(call, 'a'), inputTensor(call, 'b')];
    const left = transposeA ? transposeMatrices(a) : a;
    const right = transposeB ? transposeMatrices(b) : b;
    const product = stock({ ...call, inputs: { a: left, b: right }, attrs: { transposeA: false, transposeB: false } });
    if (left !== a) left.dispose();
    if (right !== b) right.dispose();
    return product;
  },
};

/** [..., rows, columns] -> [..., columns, rows] */
function transposeMatrices(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}
