/** Limits of the rounding. */
export interface Rounding {
  /** Minimum result. Default 8. */
  readonly minimum?: number;
  /** Minimum fraction of `filters` that rounding down may leave. Default 0.9, as in MobileNet. */
  readonly floor?: number;
}

/** Rounds filters to a multiple of 8, which suits hardware, but rounds up if rounding down would remove too many. */
export function roundFilters(filters: number, { minimum = 8, floor = 0.9 }: Rounding = {}): number {
  const rounded = Math.max(minimum, Math.floor((filters + 4) / 8) * 8);
  return rounded < floor * filters ? rounded + 8 : rounded;
}
