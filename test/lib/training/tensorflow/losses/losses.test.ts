import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
// Registers the gradients of all operations.
import '@tensorflow/tfjs-layers';
import { TrainingSpec } from '../../../../../lib/contracts/training-spec.ts';
import { lossFor, type Task } from '../../../../../lib/training/losses/loss.ts';
import { meanLoss } from '../../../../../lib/training/tensorflow/losses/mean-loss.ts';
import { useTensorFlow } from '../../../../support/tensorflow.ts';

useTensorFlow();

const lossOf = (task: Task, spec: object) => lossFor(task, TrainingSpec.parse(spec));
const lossValue = (task: Task, spec: object, logits: number[][], targets: number[][], weights?: number[][]): number =>
  tf.tidy(
    () => meanLoss(lossOf(task, spec), tf.tensor2d(logits), tf.tensor2d(targets), weights && tf.tensor2d(weights)).dataSync()[0]!,
  );

const logits = [
  [2, -1, 0.5],
  [-3, 0, 1],
];
const oneHot = [
  [1, 0, 0],
  [0, 0, 1],
];
const multiHot = [
  [1, 0, 1],
  [0, 0, 0],
];
const softmax = logits.map((row) => row.map((x) => Math.exp(x) / row.reduce((sum, y) => sum + Math.exp(y), 0)));
const sigmoid = logits.map((row) => row.map((x) => 1 / (1 + Math.exp(-x))));

/** The mean over rows of `combine`d terms, from the definitions over probabilities. */
const byHand = (p: number[][], t: number[][], term: (p: number, t: number) => number, perRow: 'sum' | 'mean'): number =>
  p.reduce(
    (sum, row, r) => sum + row.reduce((of, value, c) => of + term(value, t[r]![c]!), 0) / (perRow === 'sum' ? 1 : row.length),
    0,
  ) / p.length;
const cross = (p: number, t: number): number => -t * Math.log(p);
const binary = (p: number, t: number): number => -t * Math.log(p) - (1 - t) * Math.log(1 - p);
const right = (p: number, t: number): number => t * p + (1 - t) * (1 - p);

describe('a loss from logits', () => {
  const cases = [
    { name: 'cross-entropy', task: 'single-label', spec: {}, targets: oneHot, expected: byHand(softmax, oneHot, cross, 'sum') },
    {
      name: 'cross-entropy with smoothed labels',
      task: 'single-label',
      spec: { labelSmoothing: 0.3 },
      targets: oneHot,
      expected: byHand(softmax, oneHot, (p, t) => cross(p, 0.7 * t + 0.1), 'sum'),
    },
    {
      name: 'focal',
      task: 'single-label',
      spec: { loss: { name: 'focal', gamma: 3 } },
      targets: oneHot,
      expected: byHand(softmax, oneHot, (p, t) => 0.25 * (1 - p) ** 3 * cross(p, t), 'sum'),
    },
    {
      name: 'binary cross-entropy',
      task: 'multi-label',
      spec: {},
      targets: multiHot,
      expected: byHand(sigmoid, multiHot, binary, 'mean'),
    },
    {
      name: 'binary cross-entropy with smoothed labels',
      task: 'multi-label',
      spec: { labelSmoothing: 0.2 },
      targets: multiHot,
      expected: byHand(sigmoid, multiHot, (p, t) => binary(p, 0.8 * t + 0.1), 'mean'),
    },
    {
      name: 'binary focal',
      task: 'multi-label',
      spec: { loss: { name: 'focal', gamma: 1.5 } },
      targets: multiHot,
      expected: byHand(sigmoid, multiHot, (p, t) => (1 - right(p, t)) ** 1.5 * binary(p, t), 'mean'),
    },
  ] as const;

  it.each(cases)('is what its definition over probabilities says: $task $name', ({ task, spec, targets, expected }) => {
    expect(lossValue(task, spec, logits, targets as unknown as number[][])).toBeCloseTo(expected, 5);
  });

  it.each(cases)('stays finite, with its gradient, where probabilities are 0 and 1: $task $name', ({ task, spec, targets }) => {
    const far = logits.map((row) => row.map((x) => 500 * x));
    tf.tidy(() => {
      const wanted = tf.tensor2d(targets as unknown as number[][]);
      const { value, grad } = tf.valueAndGrad((x) => meanLoss(lossOf(task, spec), x as tf.Tensor2D, wanted))(tf.tensor2d(far));
      expect(Number.isFinite(value.dataSync()[0])).toBe(true);
      for (const slope of grad.dataSync()) expect(Number.isFinite(slope)).toBe(true);
    });
  });

  it('divides the weighted sum by the number of terms, as Keras does', () => {
    const plain = logits.map((row, i) => lossValue('single-label', {}, [row], [oneHot[i]!]));
    expect(lossValue('single-label', {}, logits, oneHot, [[3], [0.5]])).toBeCloseTo((3 * plain[0]! + 0.5 * plain[1]!) / 2, 5);
  });
});
