import { describe, expect, test } from 'vitest';
import { chiSquaredTail, compareCounts } from '../../../../lib/reports/statistics/chi-squared.ts';
import { holm } from '../../../../lib/reports/statistics/holm.ts';
import { criticalDifference, kolmogorovSmirnov } from '../../../../lib/reports/statistics/kolmogorov-smirnov.ts';

/** As scipy.stats.chi2.sf. */
test.each([
  [3.84, 1, 0.05004352124870519],
  [10, 4, 0.04042768199451279],
  [0.5, 3, 0.9188914116546758],
  [60, 2, 9.357622968840163e-14],
  [900, 800, 0.007774644192745909],
  [0, 3, 1],
])('chi-squared exceeds %d with %d degrees of freedom with probability %d', (value, degrees, probability) => {
  expect(chiSquaredTail(value, degrees) / probability).toBeCloseTo(1, 9);
});

describe('compareCounts', () => {
  test('is chi-squared of a contingency table', () => {
    // As scipy.stats.chi2_contingency.
    expect(compareCounts([30, 40, 50], [50, 30, 20])).toEqual({
      statistic: expect.closeTo(17.613095238095234, 9),
      degrees: 2,
      pValue: expect.closeTo(0.00014974935636406764, 13),
      distance: expect.closeTo(0.25, 9),
    });
  });

  test('pools rare classes, and one that is left with the smallest other', () => {
    expect(compareCounts([100, 100, 3, 3], [100, 100, 4, 3])?.degrees).toBe(2);
    expect(compareCounts([100, 100, 1], [100, 100, 1])?.degrees).toBe(1);
  });

  test('of one class finds nothing', () => {
    expect(compareCounts([50], [50])).toMatchObject({ degrees: 0, pValue: 1 });
    expect(compareCounts([97, 3], [98, 2])).toMatchObject({ degrees: 0, pValue: 1 });
  });

  test.each([
    ['all are rare', [2, 1], [1, 2]],
    ['those of 100 classes have two images each', Array(100).fill(2), Array.from({ length: 100 }, (_, of) => (of < 67 ? 15 : 0))],
    ['most images of a sample are of rare classes', [...Array(30).fill(2), 50], [...Array(30).fill(2), 200]],
  ])('compares nothing if %s', (_, first, second) => {
    expect(compareCounts(first, second)).toBeUndefined();
  });
});

describe('kolmogorovSmirnov', () => {
  const curve = (count: number, power: number) => Array.from({ length: count }, (_, i) => (i / count) ** power);

  test.each([
    // As scipy.stats.ks_2samp with the exact distribution.
    [40, 60, 1.5, { statistic: 0.15833333333333333, pValue: 0.5494343803086292 }],
    [400, 300, 1.2, { statistic: 0.07, pValue: 0.35609104143555326 }],
  ])('of %d and %d numbers is near the exact test', (first, second, power, { statistic, pValue }) => {
    const found = kolmogorovSmirnov(curve(first, 1), curve(second, power));
    expect(found.statistic).toBeCloseTo(statistic, 9);
    expect(Math.abs(found.pValue - pValue)).toBeLessThan(0.02);
  });

  test('of equal samples finds nothing, of disjoint ones everything, and of none nothing', () => {
    expect(kolmogorovSmirnov([1, 2, 2, 3], [3, 2, 2, 1])).toEqual({ statistic: 0, pValue: 1 });
    const apart = kolmogorovSmirnov(
      curve(50, 1),
      curve(50, 1).map((value) => value + 1),
    );
    expect(apart.statistic).toBe(1);
    expect(apart.pValue).toBeLessThan(1e-15);
    expect(kolmogorovSmirnov([], [1, 2])).toEqual({ statistic: 0, pValue: 1 });
  });
});

test('Holm multiplies the smallest p-value most, and keeps the order', () => {
  // As statsmodels.stats.multitest.multipletests(method="holm").
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(holm([0.6, 0.5])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

describe('criticalDifference', () => {
  // Of so many numbers, the largest part of the first sample lies below the second one.
  const shifted = (first: number, second: number, part: number) =>
    kolmogorovSmirnov(
      Array.from({ length: first }, (_, i) => (i < Math.round(part * first) ? -1 : 1 + i / first)),
      Array.from({ length: second }, (_, i) => 1 + i / second),
    );

  test.each([
    [53, 172, 0.01],
    [1000, 1000, 0.001],
  ])('of %d and %d numbers is where the p-value falls to %d', (first, second, pValue) => {
    const smallest = criticalDifference(first, second, pValue);
    const step = 1 / first;
    expect(shifted(first, second, smallest + step).pValue).toBeLessThan(pValue);
    expect(shifted(first, second, smallest - 2 * step).pValue).toBeGreaterThan(pValue);
  });

  test('is more than 1 of samples that are too small', () => {
    expect(criticalDifference(2, 3, 0.001)).toBeGreaterThan(1);
  });
});
