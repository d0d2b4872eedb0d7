import * as tf from '@tensorflow/tfjs-core';
import { cut } from './cut.ts';
import { composedKernel, type WasmKernel } from './kernel.ts';

/**
 * Gradient of a depthwise convolution with respect to its filter, which the backend lacks. It is itself a depthwise
 * convolution of each channel of each image with its own gradient as the filter, with stride and dilation swapped,
 * summed over the batch.
 */
export const depthwiseConv2dBackpropFilter: WasmKernel = composedKernel<tf.DepthwiseConv2dNativeBackpropFilterAttrs>(
  tf.DepthwiseConv2dNativeBackpropFilter,
  ['x', 'dy'],
  (x, dy, { filterShape, strides, dilations, pad, dimRoundingMode }) => {
    const conv = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, dilations ?? 1, pad, dimRoundingMode, true);
    const [batch, inHeight, inWidth] = x.shape;
    const [height, width, channels, multiplier] = filterShape;
    const { top, bottom, left, right } = conv.padInfo;
    // Move the batch into the channels: [1, height, width, batch * channels].
    const images = tf.reshape<tf.Rank.R4>(tf.transpose(x, [1, 2, 0, 3]), [1, inHeight, inWidth, batch * channels]);
    const filter = tf.reshape<tf.Rank.R4>(tf.transpose(dy, [1, 2, 0, 3]), [
      conv.outHeight,
      conv.outWidth,
      batch * channels,
      multiplier,
    ]);
    const padding: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    const gradients = tf.depthwiseConv2d(images, filter, [conv.dilationHeight, conv.dilationWidth], padding, 'NHWC', [
      conv.strideHeight,
      conv.strideWidth,
    ]);
    const each = cut(gradients, [1, height, width, batch * channels * multiplier]);
    return tf.reshape(tf.sum(tf.reshape(each, [height, width, batch, channels * multiplier]), 2), filterShape);
  },
);
