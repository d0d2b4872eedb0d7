import * as tf from '@tensorflow/tfjs-core';
import { cut } from './cut.ts';
import { composedKernel, type WasmKernel } from './kernel.ts';
import { insertZeros, rotateFilter, transposedPadding } from './transposed-convolution.ts';

/**
 * Gradient of a convolution with respect to its images: the output's gradient, with zeros inserted for the stride,
 * convolved with the flipped filter (Dumoulin & Visin, arXiv:1603.07285, chapter 4). The backend's own kernel is a
 * scalar loop, ten times slower.
 */
export const conv2dBackpropInput: WasmKernel = composedKernel<tf.Conv2DBackpropInputAttrs>(
  tf.Conv2DBackpropInput,
  ['dy', 'filter'],
  (dy, filter, { inputShape, strides, pad, dimRoundingMode }) => {
    const conv = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, 1, pad, dimRoundingMode);
    const stride = [conv.strideHeight, conv.strideWidth] as const;
    // [height, width, in, out] -> rotated by 180 degrees, [height, width, out, in]
    const flipped = tf.transpose(rotateFilter(filter), [0, 1, 3, 2]);
    if (conv.filterHeight === 1 && conv.filterWidth === 1) {
      // A pointwise convolution maps zeros to zeros, so run it before inserting them.
      return cut(insertZeros(tf.conv2d(dy, flipped, 1, 'valid'), stride), inputShape);
    }
    const spread = insertZeros(dy, stride);
    return cut(tf.conv2d(spread, flipped, 1, transposedPadding(conv, spread.shape)), inputShape);
  },
);
