import * as tf from '@tensorflow/tfjs-core';
import { cut } from './cut.ts';
import { composedKernel, type WasmKernel } from './kernel.ts';
import { insertZeros, rotateFilter, transposedPadding } from './transposed-convolution.ts';

/**
 * Gradient of a depthwise convolution with respect to its images, which the backend lacks: a depthwise convolution of
 * the output's gradient, with zeros inserted for the stride, with the filter rotated by 180 degrees.
 */
export const depthwiseConv2dBackpropInput: WasmKernel = composedKernel<tf.DepthwiseConv2dNativeBackpropInputAttrs>(
  tf.DepthwiseConv2dNativeBackpropInput,
  ['dy', 'filter'],
  (dy, filter, { inputShape, strides, dilations, pad, dimRoundingMode }) => {
    const conv = tf.backend_util.computeConv2DInfo(inputShape, filter.shape, strides, dilations ?? 1, pad, dimRoundingMode, true);
    const [height, width, channels, multiplier] = filter.shape;
    const flipped = tf.reshape<tf.Rank.R4>(rotateFilter(filter), [height, width, channels * multiplier, 1]);
    const spread = insertZeros(dy, [conv.strideHeight, conv.strideWidth]);
    const padding = transposedPadding(conv, spread.shape);
    const each = tf.depthwiseConv2d(spread, flipped, 1, padding, 'NHWC', [conv.dilationHeight, conv.dilationWidth]);
    const [batch, inHeight, inWidth] = inputShape;
    const gradients = cut(each, [batch, inHeight, inWidth, channels * multiplier]);
    return multiplier === 1 ? gradients : tf.sum(tf.reshape(gradients, [batch, inHeight, inWidth, channels, multiplier]), -1);
  },
);
