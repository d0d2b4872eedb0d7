import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { useTensorFlow } from '../../../support/tensorflow.ts';

useTensorFlow();

describe('matMul', () => {
  const cases = [
    { name: 'plain', a: [3, 4], b: [4, 5], transposeA: false, transposeB: false },
    { name: 'with the left transposed', a: [4, 3], b: [4, 5], transposeA: true, transposeB: false },
    { name: 'with the right transposed', a: [3, 4], b: [5, 4], transposeA: false, transposeB: true },
    { name: 'with both transposed', a: [4, 3], b: [5, 4], transposeA: true, transposeB: true },
    { name: 'in batches', a: [2, 4, 3], b: [2, 5, 4], transposeA: true, transposeB: true },
    { name: 'with one batch broadcast', a: [2, 4, 3], b: [1, 4, 5], transposeA: true, transposeB: false },
  ];

  it.each(cases)('multiplies $name as the sum over the inner axis says', ({ a, b, transposeA, transposeB }) => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const left = tf.randomNormal(a, 0, 1, 'float32', 1);
      const right = tf.randomNormal(b, 0, 1, 'float32', 2);
      const product = tf.matMul(left, right, transposeA, transposeB);
      const rows = transposeA ? tf.transpose(left, swapLast(a.length)) : left;
      const columns = transposeB ? right : tf.transpose(right, swapLast(b.length));
      const expected = tf.sum(tf.mul(tf.expandDims(rows, -2), tf.expandDims(columns, -3)), -1);
      expect(product.shape).toEqual(expected.shape);
      expect(tf.max(tf.abs(tf.sub(product, expected))).arraySync()).toBeLessThan(1e-5);
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

function swapLast(rank: number): number[] {
  return [...Array(rank - 2).keys(), rank - 1, rank - 2];
}
