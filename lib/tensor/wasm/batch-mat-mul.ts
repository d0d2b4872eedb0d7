import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * BatchMatMul that transposes first. The backend's own kernel multiplies plain matrices with XNNPACK, but transposed
 * ones in a scalar loop, 10 to 60 times slower. Every gradient of a dense layer is such a product.
 */
export const batchMatMul: WasmKernel = {
  name: tf.BatchMatMul,
  run(call, stock) {
    const { transposeA, transposeB } = attributesOf<tf.BatchMatMulAttrs>(call);
    const [a, b] = [inputTensor(call, 'a'), inputTensor(call, 'b')];
    if (!transposeA && !transposeB) return stock(call);
    return tf.tidy(() =>
      isCheaperTurned(a, b, transposeA, transposeB)
        ? transposed(tf.matMul(transposeB ? b : transposed(b), transposeA ? a : transposed(a)))
        : tf.matMul(transposeA ? transposed(a) : a, transposeB ? transposed(b) : b),
    );
  },
};

/**
 * Tells whether a·b is cheaper as the transpose of bᵀ·aᵀ, by the amount of data moved. Transposing a number takes
 * about twice as long as XNNPACK's packing of a number of the right matrix. Thus the gradient with respect to a
 * layer's input never moves the large weights.
 */
function isCheaperTurned(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): boolean {
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const inner = a.shape.at(transposeA ? -2 : -1) ?? 1;
  const product = (a.size / inner) * columns;
  const straight = (transposeA ? a.size : 0) + (transposeB ? b.size : 0) + b.size / 2;
  const turned = (transposeA ? 0 : a.size) + (transposeB ? 0 : b.size) + a.size / 2 + product;
  return turned < straight;
}

/** Transposes [..., rows, columns] to [..., columns, rows]. */
function transposed(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}
