import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { onBoth, startBoth } from '../support/both-runtimes.ts';

beforeAll(startBoth);

type Operation = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;

/** Kernel sizes, strides and paddings of the Keras backbones, on a map of even and one of odd size. */
const GEOMETRIES = [
  [1, 1],
  [2, 2],
  [3, 3],
  [5, 5],
  [7, 7],
  [1, 7],
  [7, 1],
].flatMap((kernel) =>
  [1, 2].flatMap((stride) =>
    (['same', 'valid'] as const).flatMap((pad) => [13, 14].map((size) => ({ kernel, stride, pad, size }))),
  ),
);

describe('outputs and gradients are the same on both runtimes', () => {
  it.each(GEOMETRIES)('kernel $kernel, stride $stride, $pad, size $size', async ({ kernel, stride, pad, size }) => {
    const pool = [kernel[0] ?? 1, kernel[1] ?? 1] as [number, number];
    const operations: Record<string, { filter: number[]; operation: Operation }> = {
      conv2d: { filter: [...kernel, 5, 6], operation: (x, filter) => tf.conv2d(x, filter, stride, pad) },
      depthwiseConv2d: { filter: [...kernel, 5, 1], operation: (x, filter) => tf.depthwiseConv2d(x, filter, stride, pad) },
      maxPool: { filter: [1, 1, 1, 5], operation: (x, filter) => tf.mul(tf.maxPool(x, pool, stride, pad), filter) },
      avgPool: { filter: [1, 1, 1, 5], operation: (x, filter) => tf.mul(tf.avgPool(x, pool, stride, pad), filter) },
    };
    for (const [name, { filter, operation }] of Object.entries(operations)) {
      const { tensorflow, wasm } = await onBoth(() => outputAndGradients(operation, [4, size, size, 5], filter));
      for (const [part, values] of tensorflow.entries()) {
        expect(largestDifference(values, wasm[part]), `${name}, ${['output', 'by images', 'by filter'][part]}`).toBeLessThan(
          1e-5,
        );
      }
    }
  });
});

function outputAndGradients(operation: Operation, xShape: number[], filterShape: number[]): Float32Array[] {
  return tf.tidy(() => {
    const x = tf.randomNormal(xShape, 0, 1, 'float32', 1);
    const filter = tf.randomNormal(filterShape, 0, 1, 'float32', 2);
    const compute = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => operation(a as tf.Tensor4D, b as tf.Tensor4D);
    const output = compute(x, filter);
    const gradients = tf.grads(compute)([x, filter], tf.randomNormal(output.shape, 0, 1, 'float32', 3));
    return [output, ...gradients].map((tensor) => tensor.dataSync<'float32'>());
  });
}

/** Over the greatest of the expected values, or 1. */
function largestDifference(expected: Float32Array, actual: Float32Array = new Float32Array()): number {
  const scale = expected.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1);
  return expected.reduce(
    (greatest, value, index) => Math.max(greatest, Math.abs(value - (actual[index] ?? Number.NaN)) / scale),
    0,
  );
}
