import * as tf from '@tensorflow/tfjs-core';
import { cut } from './cut.ts';
import { composedKernel, type WasmKernel } from './kernel.ts';

/**
 * Gradient of a convolution with respect to its filter, which the backend lacks. It is itself a convolution of the
 * images with the output's gradient as the filter: the batch serves as the channels, and stride and dilation are
 * swapped. XNNPACK runs it nearly as fast as the forward convolution.
 */
export const conv2dBackpropFilter: WasmKernel = composedKernel<tf.Conv2DBackpropFilterAttrs>(
  tf.Conv2DBackpropFilter,
  ['x', 'dy'],
  (x, dy, { filterShape, strides, pad, dimRoundingMode }) => {
    const conv = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
    const [height, width, inChannels, outChannels] = filterShape;
    if (height * width * conv.strideHeight * conv.strideWidth === 1) {
      // A pointwise convolution is a single matrix product.
      const product = tf.matMul(tf.reshape(x, [-1, inChannels]), tf.reshape(dy, [-1, outChannels]), true);
      return tf.reshape(product, filterShape);
    }
    const { top, bottom, left, right } = conv.padInfo;
    const images = tf.transpose(x, [3, 1, 2, 0]);
    const filter = tf.transpose(dy, [1, 2, 0, 3]);
    const padding: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const gradient = tf.conv2d(images, filter, 1, padding, 'NHWC', [conv.strideHeight, conv.strideWidth]);
    return tf.transpose(cut(gradient, [inChannels, height, width, outChannels]), [1, 2, 0, 3]);
  },
);
