import { expect, test } from 'vitest';
import { mean, median, product, sampleDeviation, spreadEvenly, sum, sumOf } from '../../lib/arithmetic.ts';

test.each([
  [[], { sum: 0, product: 1, mean: 0, deviation: 0 }],
  [[3], { sum: 3, product: 3, mean: 3, deviation: 0 }],
  [[2, 4, 6], { sum: 12, product: 48, mean: 4, deviation: 2 }],
  [Float32Array.of(1, -1), { sum: 0, product: -1, mean: 0, deviation: Math.SQRT2 }],
])('%j', (values, expected) => {
  expect({ sum: sum(values), product: product(values), mean: mean(values), deviation: sampleDeviation(values) }).toEqual(
    expected,
  );
});

test('a sum of typed numbers is not rounded to their type', () => {
  expect(sum(Float32Array.of(2 ** 24, 1))).toBe(2 ** 24 + 1);
  expect(sumOf(new Set(['a', 'bcd']), ({ length }) => length)).toBe(4);
});

test.each([
  [[3], 3],
  [[5, 1, 3], 3],
  [[4, 1, 2, 9], 3],
  [[], Number.NaN],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test.each([
  [3, [0, 3, 6]],
  [10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  [0, []],
])('%i of ten values, evenly spread', (most, expected) => {
  expect(spreadEvenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], most)).toEqual(expected);
});
