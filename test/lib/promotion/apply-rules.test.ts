import { describe, expect, test } from 'vitest';
import { Gate } from '../../../lib/contracts/gate.ts';
import { applyRules, type GateEvidence } from '../../../lib/promotion/apply-rules.ts';

const compared = (before: number, after: number, value: number, interval: { low?: number; high?: number } = {}) => ({
  before: { value: before },
  after: { value: after },
  difference: { value, ...interval },
});

/** Of a version that is right on 24 images, and one that is wrong on one image of `a`. Only the other one predicts `e`. No image is of `g`, which both predict. */
const evidence: GateEvidence = {
  metrics: {
    accuracy: compared(1, 0.9583, -0.0417, { low: -0.155, high: 0.078 }),
    balancedAccuracy: compared(1, 0.9583, -0.0417, { low: -0.125, high: 0 }),
    macroF1: compared(1, 0.9582, -0.0418, { low: -0.13, high: 0 }),
    negativeLogLikelihood: compared(0.0949, 0.2199, 0.125),
    expectedCalibrationError: compared(0.0906, 0.05, -0.0406),
  },
  classes: [
    {
      label: 'a',
      support: 8,
      recall: compared(1, 0.875, -0.125, { low: -0.41, high: 0.21 }),
      f1: compared(1, 0.93, -0.07, { low: -0.1, high: -0.01 }),
    },
    { label: 'b', support: 8, recall: compared(1, 1, 0, { low: -0.3, high: 0.3 }) },
    { label: 'c', support: 0 },
    { label: 'e', support: 8 },
    { label: 'g', support: 0, precision: compared(0, 0, 0, { low: 0, high: 0 }) },
  ],
  after: {
    metrics: {
      accuracy: { value: 0.9583, low: 0.79, high: 0.99 },
      balancedAccuracy: { value: 0.9583, low: 0.86, high: 1 },
      negativeLogLikelihood: { value: 0.2199 },
    },
    classes: [
      { label: 'a', support: 8, recall: { value: 0.875 } },
      { label: 'e', support: 8, precision: { value: 0.05 } },
      { label: 'g', support: 0, precision: { value: 0 } },
    ],
  },
};

describe('applyRules', () => {
  test.each([
    ['a loss within the tolerance', { metric: 'accuracy', maxLoss: 0.05 }, undefined],
    [
      'a loss beyond it',
      { metric: 'accuracy', maxLoss: 0.04 },
      /^accuracy: expected a loss of at most 4\.00 points, received 4\.17 points, from 100\.00% to 95\.83%$/,
    ],
    ['a loss within the interval', { metric: 'macroF1', maxLoss: 'interval' }, undefined],
    ['a value that is high enough', { metric: 'accuracy', min: 0.95 }, undefined],
    [
      'a value that is too low',
      { metric: 'balancedAccuracy', min: 0.96 },
      /^balancedAccuracy: expected at least 96\.00%, received 95\.83%$/,
    ],
    [
      'a class that loses too much',
      { metric: 'recall', perClass: true, maxLoss: 0.1 },
      /^recall of a: expected a loss of at most 10\.00 points, received 12\.50 points, from 100\.00% to 87\.50%$/,
    ],
    ['a class that is not concerned', { metric: 'recall', label: 'b', maxLoss: 0 }, undefined],
    ['a class within its interval', { metric: 'recall', perClass: true, maxLoss: 'interval' }, undefined],
    ['a loss that is low enough', { metric: 'negativeLogLikelihood', max: 1 }, undefined],
    [
      'a loss that is too high',
      { metric: 'negativeLogLikelihood', max: 0.1 },
      /^negativeLogLikelihood: expected at most 0\.1000, received 0\./,
    ],
    [
      'a class without images',
      { metric: 'recall', label: 'd', min: 0.1 },
      /^recall of d: expected at least 10\.00%, received no common images/,
    ],
    [
      'a value that is too low of a class that only the new version predicts',
      { metric: 'precision', perClass: true, min: 0.8 },
      /^precision of e: expected at least 80\.00%, received 5\.00%$/,
    ],
    ['each class but those without images', { metric: 'precision', perClass: true, min: 0.05 }, undefined],
    [
      'the lowest value of a class without images that the version predicts',
      { metric: 'precision', label: 'g', min: 0 },
      /^precision of g: expected at least 0\.00%, received no common images/,
    ],
    [
      'a loss of such a class without images',
      { metric: 'precision', label: 'g', maxLoss: 0.05 },
      /^precision of g: expected a loss of at most 5\.00 points, received no common images/,
    ],
    ['a value of such a class that is high enough', { metric: 'precision', label: 'e', min: 0.05 }, undefined],
    [
      'a loss of such a class',
      { metric: 'precision', label: 'e', maxLoss: 0.05 },
      /^precision of e: expected a loss of at most 5\.00 points, received no common images/,
    ],
  ] as const)('judges %s', (_, rule, refused) => {
    const failures = applyRules(Gate.parse({ rules: [rule] }), evidence);
    const told = failures.map((one) => `${one.rule}: expected ${one.expected}, received ${one.received}`);
    expect(told).toEqual(refused === undefined ? [] : [expect.stringMatching(refused)]);
  });
});
