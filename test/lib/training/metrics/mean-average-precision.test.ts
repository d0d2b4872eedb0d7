import { expect, it } from 'vitest';
import { meanAveragePrecision } from '../../../../lib/training/metrics/mean-average-precision.ts';

it.each([9, 21, 39])('is exactly 1 for a perfect ranking of %i positives, whose rounded steps exceed 1', (positives) => {
  const count = positives + 5;
  const ranked = {
    task: 'multi-label',
    count,
    classes: 1,
    logits: Float32Array.from({ length: count }, (_, row) => -row),
    targets: Float32Array.from({ length: count }, (_, row) => Number(row < positives)),
  } as const;
  expect(meanAveragePrecision(ranked)).toBe(1);
});
