import { expect, test } from 'vitest';
import { wilsonInterval } from '../../../../lib/training/metrics/wilson-interval.ts';

/** Computed in Python, by the formula with z = 1.959963984540054. */
test.each([
  [8, 10, 0.4901625, 0.9433178],
  [0, 20, 0, 0.1611251],
  [20, 20, 0.8388749, 1],
  [1, 1, 0.2065493, 1],
])('%i of %i images', (successes, count, low, high) => {
  const interval = wilsonInterval(successes / count, count);
  expect(interval.low).toBeCloseTo(low, 5);
  expect(interval.high).toBeCloseTo(high, 5);
});
