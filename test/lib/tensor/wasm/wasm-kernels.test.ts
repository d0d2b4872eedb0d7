import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

/** Numbers 0, 1, 2, ... in this shape. */
function counting(shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
  return tf.reshape(tf.range(0, tf.util.sizeFromShape(shape), 1, dtype), shape);
}

describe('sum and mean', () => {
  /** Sums over 0 to 23 in three rows of two columns of four. */
  const cases = [
    {
      axes: [0],
      keepDims: false,
      expected: [
        [24, 27, 30, 33],
        [36, 39, 42, 45],
      ],
    },
    {
      axes: [-3],
      keepDims: true,
      expected: [
        [
          [24, 27, 30, 33],
          [36, 39, 42, 45],
        ],
      ],
    },
    { axes: [0, 1], keepDims: false, expected: [60, 66, 72, 78] },
    { axes: [1, 0], keepDims: true, expected: [[[60, 66, 72, 78]]] },
    { axes: [1, 2], keepDims: false, expected: [28, 92, 156] },
    { axes: [0, 1, 2], keepDims: false, expected: 276 },
  ];

  it.each(cases)('over axes $axes, keepDims $keepDims', ({ axes, keepDims, expected }) => {
    tf.tidy(() => {
      const x = counting([3, 2, 4]);
      const sums = tf.sum(x, axes, keepDims);
      expect(sums.arraySync()).toEqual(expected);
      const means = tf.mean(x, axes, keepDims);
      expect(means.shape).toEqual(sums.shape);
      const difference = tf.sub(means, tf.div(sums, x.size / sums.size));
      expect(tf.max(tf.abs(difference)).arraySync()).toBeLessThan(1e-5);
    });
  });

  it('sum whole numbers and truth values as whole numbers', () => {
    expect(tf.sum(counting([3, 2], 'int32'), 0).dtype).toBe('int32');
    expect(tf.sum(tf.tensor2d([[true], [true]], undefined, 'bool'), 0).arraySync()).toEqual([2]);
  });
});

describe('tile', () => {
  const cases = [
    {
      shape: [1, 3],
      reps: [2, 1],
      expected: [
        [0, 1, 2],
        [0, 1, 2],
      ],
    },
    {
      shape: [2, 1],
      reps: [1, 3],
      expected: [
        [0, 0, 0],
        [1, 1, 1],
      ],
    },
    {
      shape: [2, 2],
      reps: [1, 2],
      expected: [
        [0, 1, 0, 1],
        [2, 3, 2, 3],
      ],
    },
    {
      shape: [1, 1],
      reps: [2, 2],
      expected: [
        [0, 0],
        [0, 0],
      ],
    },
  ];

  it.each(cases)('of $shape by $reps', ({ shape, reps, expected }) => {
    for (const dtype of ['float32', 'int32'] as const) {
      const tiled = tf.tidy(() => tf.tile(counting(shape, dtype), reps));
      expect(tiled.dtype).toBe(dtype);
      expect(tiled.arraySync()).toEqual(expected);
    }
  });
});

describe('slice', () => {
  const cases = [
    {
      begin: [1, 0, 0],
      size: [1, 2, 2],
      expected: [
        [
          [4, 5],
          [6, 7],
        ],
      ],
    },
    {
      begin: [1, 0, 0],
      size: [2, -1, -1],
      expected: [
        [
          [4, 5],
          [6, 7],
        ],
        [
          [8, 9],
          [10, 11],
        ],
      ],
    },
    { begin: [0, 1, 0], size: [1, 1, 2], expected: [[[2, 3]]] },
    { begin: [0, 1, 1], size: [2, 1, 1], expected: [[[3]], [[7]]] },
    { begin: [0, 0, 0], size: [0, 2, 2], expected: [] },
  ];

  it.each(cases)('from $begin, $size', ({ begin, size, expected }) => {
    for (const dtype of ['float32', 'int32'] as const) {
      const part = tf.tidy(() => tf.slice(counting([3, 2, 2], dtype), begin, size));
      expect(part.dtype).toBe(dtype);
      expect(part.arraySync()).toEqual(expected);
    }
  });

  it('gives numbers of its own, which live on without the whole', () => {
    const whole = counting([4, 2]);
    const part = tf.slice(whole, [2, 0], [1, 2]);
    whole.dispose();
    const other = tf.ones([4, 2]);
    expect(part.arraySync()).toEqual([[4, 5]]);
    tf.dispose([part, other]);
  });
});

describe('padding `same`', () => {
  it.each([
    { name: 'high', image: [1, 2, 4, 1], kernel: [1, 3, 1, 1], expected: [3, 5] },
    { name: 'wide', image: [1, 4, 2, 1], kernel: [3, 1, 1, 1], expected: [6, 10] },
  ] as const)('is right at stride 2 for filters that are one pixel $name', ({ image, kernel, expected }) => {
    tf.tidy(() => {
      const x = tf.reshape<tf.Rank.R4>(tf.range(0, 8), [...image]);
      const filter = tf.ones<tf.Rank.R4>([...kernel]);
      // One pixel of padding, at the end: of 0, 1, 2, 3 the sums are 0 + 1 + 2 and 2 + 3.
      expect([...tf.conv2d(x, filter, 2, 'same').dataSync()]).toEqual(expected);
      expect([...tf.depthwiseConv2d(x, filter, 2, 'same').dataSync()]).toEqual(expected);
      expect([...tf.fused.conv2d({ x, filter, strides: 2, pad: 'same' }).dataSync()]).toEqual(expected);
    });
  });
});

describe('the gradient of max pooling', () => {
  it('goes to the first greatest pixel of each window, also where all are below zero', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([-4, -3, -9, -5, -3, -8, -7, -6, -5], [1, 3, 3, 1]);
      const gradient = tf.grad((images: tf.Tensor) => tf.maxPool(images as tf.Tensor4D, 2, 1, 'valid'))(x, tf.ones([1, 2, 2, 1]));
      expect([...gradient.dataSync()]).toEqual([0, 2, 0, 0, 2, 0, 0, 0, 0]);
    });
  });
});

describe('the gradient of average pooling', () => {
  it('divides by the pixels of the window that lie inside the image', () => {
    tf.tidy(() => {
      const gradient = tf.grad((images: tf.Tensor) => tf.avgPool(images as tf.Tensor4D, 2, 1, 'same'));
      const dx = gradient(tf.ones([1, 2, 2, 1]), tf.ones([1, 2, 2, 1]));
      // The windows hold 4, 2, 2 and 1 pixels; the last pixel is in all of them.
      expect([...dx.dataSync()]).toEqual([0.25, 0.75, 0.75, 2.25]);
    });
  });
});
