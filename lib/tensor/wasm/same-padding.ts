import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';
import type { WasmKernel } from './kernel.ts';

/**
 * Convolutions that pass `same` padding as explicit pixels. The backend computes it incorrectly for filters that are
 * one pixel high or wide, but not both, at strides above 1.
 */
export const samePadding: readonly WasmKernel[] = [
  tf.Conv2D,
  tf.FusedConv2D,
  tf.DepthwiseConv2dNative,
  tf.FusedDepthwiseConv2D,
].map((name) => ({
  name,
  run(call, stock) {
    const { strides, dilations, pad, dimRoundingMode } = attributesOf<tf.Conv2DAttrs>(call);
    if (pad !== 'same') return stock(call);
    const [xShape, filterShape] = [shape4D(inputTensor(call, 'x')), shape4D(inputTensor(call, 'filter'))];
    const { padInfo } = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, dilations ?? 1, pad, dimRoundingMode);
    const pixels = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ];
    return stock({ ...call, attrs: { ...call.attrs, pad: pixels } });
  },
}));

function shape4D({ shape: [a = 0, b = 0, c = 0, d = 0] }: tf.Tensor): [number, number, number, number] {
  return [a, b, c, d];
}
