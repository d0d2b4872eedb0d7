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
  // 8 of 9 are 0.889 right, and 8 of 8 are too few to exclude that 20% are wrong.
  expect(found.map(({ precision, coverage, support, lowerBounds }) => [precision, coverage, support, lowerBounds])).toEqual([
    [0.8, 0.9, [9], [0.6232]],
    [0.85, 0.8, [8], [0.7473]],
    [0.9, 0, [null], [null]],
    [0.95, 0, [null], [null]],
    [0.98, 0, [null], [null]],
    [0.99, 0, [null], [null]],
  ]);
  expect(found[1]?.thresholds[0]).toBeCloseTo(0.92, 5);
});

test.each([
  [0.8, 5],
  [0.85, 7],
  [0.9, 11],
  [0.95, 25],
  [0.98, 65],
  [0.99, 133],
])('a precision of %d needs %i images without an error', (precision, least) => {
  const right = (count: number) => {
    const logits = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 + i / 100 : 0));
    const targets = Float32Array.from({ length: 2 * count }, (_, i) => (i + 1) % 2);
    const scores = { task: 'single-label' as const, count, classes: 2, logits, targets };
    return precisionThresholds(scores).targets.find((target) => target.precision === precision);
  };
  expect(right(least - 1)).toMatchObject({ thresholds: [null], coverage: 0 });
  expect(right(least)).toMatchObject({ support: [least], coverage: 1 });
});

test('of a multi-label model: one for each label, and none where no threshold has the precision', () => {
  // The first label is right from 0.8 on, the second never first.
  const rows = [...Array.from({ length: 140 }, () => [0.9, 0.9, 1, 0]), [0.8, 0.8, 1, 0], [0.7, 0.7, 0, 1]];
  const logits = Float32Array.from(rows.flatMap(([first = 0, second = 0]) => [logit(first), logit(second)]));
  const targets = Float32Array.from(rows.flatMap(([, , first = 0, second = 0]) => [first, second]));
  const { targets: found } = precisionThresholds({ task: 'multi-label', count: rows.length, classes: 2, logits, targets });
  const [last] = found.slice(-1);
  expect(last).toMatchObject({ precision: 0.99, support: [141, null], lowerBounds: [0.9812, null] });
  for (const { thresholds, coverage } of found) {
    expect(thresholds[1]).toBeNull();
    expect(coverage).toBeUndefined();
  }
});
