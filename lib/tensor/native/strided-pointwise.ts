import * as tf from '@tensorflow/tfjs-core';
import { attributesOf, inputTensor } from '../kernel-call.ts';

/**
 * Replaces the gradient of a convolution with respect to its filter, where the filter has one pixel and the stride is
 * larger, as in the shortcuts of ResNet. oneDNN in TensorFlow 2.18 computes wrong numbers there on processors without
 * AVX-512, for maps whose sides are multiples of the stride. Such a convolution reads some pixels and skips the others, so
 * its gradient is that of stride 1 on the pixels that it reads.
 */
export function replaceStridedPointwise(backendName: string): void {
  const { kernelFunc, ...config } = tf.getKernel(tf.Conv2DBackpropFilter, backendName);
  tf.unregisterKernel(tf.Conv2DBackpropFilter, backendName);
  tf.registerKernel({
    ...config,
    kernelFunc(call) {
      const attributes = attributesOf<tf.Conv2DBackpropFilterAttrs>(call);
      const { filterShape, strides, pad } = attributes;
      const [vertical, horizontal] = typeof strides === 'number' ? [strides, strides] : strides;
      const isPointwise = filterShape[0] * filterShape[1] === 1 && (pad === 'same' || pad === 'valid');
      if (!isPointwise || vertical * horizontal === 1) return kernelFunc(call);
      const x = inputTensor(call, 'x');
      const read = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, vertical, horizontal, 1]);
      try {
        return kernelFunc({ ...call, inputs: { ...call.inputs, x: read }, attrs: { ...call.attrs, strides: 1 } });
      } finally {
        read.dispose();
      }
    },
  });
}
