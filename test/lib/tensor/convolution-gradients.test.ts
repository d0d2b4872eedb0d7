import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

/** Every kernel size, stride and padding of the Keras backbones, on images of even and odd size. */
const KERNELS = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [7, 7],
  [1, 7],
  [7, 1],
] as const;
const GEOMETRIES = KERNELS.flatMap((kernel) =>
  [1, 2].flatMap((stride) =>
    (['same', 'valid'] as const).flatMap((padding) => [7, 8].map((size) => ({ kernel, stride, padding, size }))),
  ),
);
type Operation = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D;

describe('gradients of conv2d', () => {
  it.each(GEOMETRIES)('are its difference quotients: kernel $kernel, stride $stride, $padding, size $size', (geometry) => {
    const { kernel, stride, padding, size } = geometry;
    expectExactGradients((x, filter) => tf.conv2d(x, filter, stride, padding), [2, size, size, 2], [...kernel, 2, 3]);
  });
});

describe('gradients of depthwiseConv2d', () => {
  it.each(GEOMETRIES)('are its difference quotients: kernel $kernel, stride $stride, $padding, size $size', (geometry) => {
    const { kernel, stride, padding, size } = geometry;
    expectExactGradients((x, filter) => tf.depthwiseConv2d(x, filter, stride, padding), [2, size, size, 2], [...kernel, 2, 1]);
  });

  it('are its difference quotients where each channel has several filters', () => {
    expectExactGradients((x, filter) => tf.depthwiseConv2d(x, filter, 2, 'same'), [2, 7, 7, 2], [3, 3, 2, 3]);
  });
});

describe('gradients of conv2dTranspose', () => {
  it.each([1, 2])('are its difference quotients at stride %i', (stride) => {
    const operation: Operation = (x, filter) => tf.conv2dTranspose(x, filter, [2, 4 * stride, 4 * stride, 3], stride, 'same');
    expectExactGradients(operation, [2, 4, 4, 2], [3, 3, 3, 2]);
  });
});

describe('a training step of convolutions', () => {
  it('leaves no tensor behind', () => {
    const x = tf.ones<tf.Rank.R4>([2, 8, 8, 4]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 4, 4]);
    const depthwise = tf.ones<tf.Rank.R4>([3, 3, 4, 1]);
    const before = tf.memory();
    const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
      tf.sum(tf.depthwiseConv2d(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 'same'), c as tf.Tensor4D, 1, 'same')),
    )([x, filter, depthwise]);
    tf.dispose(gradients);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    tf.dispose([x, filter, depthwise]);
  });
});

/**
 * A convolution is linear in its images and in its filter, so the difference quotient along each of their numbers is exact
 * for any step: it is the convolution of the image, or by the filter, that is 1 there and 0 elsewhere.
 */
function expectExactGradients(operation: Operation, xShape: [number, number, number, number], filterShape: number[]): void {
  tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>(xShape, 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>(filterShape as [number, number, number, number], 0, 1, 'float32', 2);
    const dy = tf.randomNormal<tf.Rank.R4>(operation(x, filter).shape, 0, 1, 'float32', 3);
    const [dx, dFilter] = tf.grads((a: tf.Tensor, b: tf.Tensor) => operation(a as tf.Tensor4D, b as tf.Tensor4D))(
      [x, filter],
      dy,
    );
    expectClose(dx, tf.stack(tf.unstack(dy).map((each) => quotientsOfImage(operation, filter, xShape, each))));
    expectClose(dFilter, quotientsOfFilter(operation, x, filter, dy));
  });
}

/** d sum(dy * operation(image)) / d image, for one image. */
function quotientsOfImage(operation: Operation, filter: tf.Tensor4D, [batch, ...shape]: number[], dy: tf.Tensor): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const units = tf.split(tf.reshape(tf.eye(size), [size, ...shape]), chunks(size, batch ?? 1)) as tf.Tensor4D[];
  const quotients = units.map((unit) => tf.sum(tf.mul(operation(unit, filter), dy), [1, 2, 3]));
  return tf.reshape(tf.concat(quotients), shape);
}

/** conv2dTranspose fixes the batch size, so the unit images pass in batches of that size. */
function chunks(size: number, batch: number): number[] {
  return Array.from({ length: Math.ceil(size / batch) }, () => batch);
}

function quotientsOfFilter(operation: Operation, x: tf.Tensor4D, filter: tf.Tensor4D, dy: tf.Tensor): tf.Tensor {
  const units = tf.unstack(tf.reshape(tf.eye(filter.size), [filter.size, ...filter.shape])) as tf.Tensor4D[];
  const quotients = units.map((unit) => tf.sum(tf.mul(operation(x, unit), dy)));
  return tf.reshape(tf.stack(quotients), filter.shape);
}

function expectClose(actual: tf.Tensor | undefined, expected: tf.Tensor): void {
  expect(actual?.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual ?? 0, expected))).arraySync()).toBeLessThan(2e-4);
}
