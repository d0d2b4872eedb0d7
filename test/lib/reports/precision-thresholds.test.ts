import { expect, test } from 'vitest';
import { precisionThresholds } from '../../../lib/reports/measure/precision-thresholds.ts';

const logit = (probability: number) => Math.log(probability / (1 - probability));

test('of a single-label model: the lowest probability of the predicted class with each precision', () => {
  // Ten images with falling confidence; the ninth and the tenth are wrong.
  const confidences = [0.99, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.7, 0.6];
  const logits = Float32Array.from(confidences.flatMap((confidence) => [logit(confidence), 0]));
  const targets = Float32Array.from(confidences.flatMap((_, row) => (row < 8 ? [1, 0] : [0, 1])));
  const { images, targets: found } = precisionThresholds({ task: 'single-label', count: 10, classes: 2, logits, targets });
  expect(images).toBe(10);
  // 8 of 9 are 0.889 right.
  expect(found.map(({ precision, coverage }) => [precision, coverage])).toEqual([
    [0.8, 1],
    [0.85, 0.9],
    [0.9, 0.8],
    [0.95, 0.8],
    [0.98, 0.8],
    [0.99, 0.8],
  ]);
  expect(found.at(-1)?.thresholds[0]).toBeCloseTo(0.92, 5);
});

test('of a multi-label model: one for each label, and none where no threshold has the precision', () => {
  const logits = Float32Array.from([0.9, 0.9, 0.8, 0.8, 0.7, 0.7].map(logit));
  // The first label is right from 0.8, the second never first.
  const targets = Float32Array.from([1, 0, 1, 0, 0, 1]);
  const { targets: found } = precisionThresholds({ task: 'multi-label', count: 3, classes: 2, logits, targets });
  for (const { thresholds, coverage } of found) {
    expect(thresholds[0]).toBeCloseTo(0.8, 5);
    expect(thresholds[1]).toBeNull();
    expect(coverage).toBeUndefined();
  }
});
