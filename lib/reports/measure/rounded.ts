import type { Estimate } from '../../contracts/report-parts.ts';
import type { Interval } from '../statistics/interval.ts';

/** Rounds a number to four decimal places, as a report states it. */
export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** A number with its interval, rounded. */
export function estimate(value: number, { low, high }: Interval): Estimate {
  return { value: rounded(value), low: rounded(low), high: rounded(high) };
}

/** Rounds both coordinates of a point to four decimal places. */
export function roundedPoint([x, y]: readonly [number, number]): [number, number] {
  return [rounded(x), rounded(y)];
}
