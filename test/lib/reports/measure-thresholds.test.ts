import { expect, test } from 'vitest';
import { measureThresholds } from '../../../lib/reports/measure/measure-thresholds.ts';
import { probabilitiesOf } from '../../../lib/training/metrics/labelled-logits.ts';

/** Of 30 images of a label and 30 others, those of the label have the `right` highest probabilities. */
function preciseOf(right: number) {
  const targets = Float32Array.from({ length: 60 }, (_, row) => Number(row < right || row >= 30 + right));
  const logits = Float32Array.from({ length: 60 }, (_, row) => 3 - row / 10);
  const scores = { task: 'multi-label' as const, count: 60, classes: 1, logits, targets };
  const [found] = measureThresholds(scores, probabilitiesOf(scores), { labels: ['sea'], thresholds: [0.5], worst: [0] });
  return found?.precise;
}

test.each([1, 10])('no threshold for a high precision rests on %i right images alone', (right) => {
  expect(preciseOf(right)).toBeUndefined();
});

test('a threshold for a precision of 90% rests on 11 images without an error', () => {
  // With the twelfth, which is wrong, 11 of 12 are right, and too few to exclude that 20% are wrong.
  expect(preciseOf(11)).toEqual({ threshold: expect.closeTo(1 / (1 + Math.exp(-2)), 4), precision: 1, recall: 0.3667 });
});
