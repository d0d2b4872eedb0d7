import { at } from '../../arithmetic.ts';

/** A comparison of two samples of numbers. */
export interface ComparedSamples {
  /** The largest difference of the two distribution functions, 0 to 1. */
  readonly statistic: number;
  readonly pValue: number;
}

/**
 * The two-sample Kolmogorov-Smirnov test, two-sided, with the asymptotic distribution as corrected by Stephens (JRSS B
 * 32, 1970). With ties the p-value is too large, never too small. An empty sample is not compared: the p-value is 1.
 */
export function kolmogorovSmirnov(first: readonly number[], second: readonly number[]): ComparedSamples {
  const [a, b] = [Float64Array.from(first).sort(), Float64Array.from(second).sort()];
  if (a.length === 0 || b.length === 0) return { statistic: 0, pValue: 1 };
  let [i, j, statistic] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(at(a, i), at(b, j));
    while (i < a.length && at(a, i) <= value) i++;
    while (j < b.length && at(b, j) <= value) j++;
    statistic = Math.max(statistic, Math.abs(i / a.length - j / b.length));
  }
  return { statistic, pValue: kolmogorovTail(scaleOf(a.length, b.length) * statistic) };
}

/**
 * The smallest statistic whose p-value is at most `pValue`; more than 1 if no samples of these sizes give it.
 * @param pValue at most 0.1, where the first term of the distribution's series is exact to a thousandth
 */
export function criticalDifference(first: number, second: number, pValue: number): number {
  return Math.sqrt(Math.log(2 / pValue) / 2) / scaleOf(first, second);
}

/** What the statistic of samples of these sizes is multiplied by. */
function scaleOf(first: number, second: number): number {
  const root = Math.sqrt((first * second) / (first + second));
  return root + 0.12 + 0.11 / root;
}

/** The probability that Kolmogorov's distribution exceeds a value. */
function kolmogorovTail(value: number): number {
  // Below, the series converges slowly, and the result is 1 to six digits.
  if (value < 0.3) return 1;
  let total = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * value * value);
    total += k % 2 === 1 ? term : -term;
    if (term < 1e-16 * total) break;
  }
  return Math.min(1, Math.max(0, 2 * total));
}
