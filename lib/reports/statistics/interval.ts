/** Bounds of an estimate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the standard normal distribution: 95% intervals. */
export const Z95 = 1.959963984540054;
