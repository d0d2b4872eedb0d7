export interface Rounding {
  /** The least result; default 8. */
  readonly minimum?: number;
  /** The least share of the wish that may be left; default 0.9, MobileNet's rule. */
  readonly floor?: number;
}

/** Filters rounded to a multiple of 8, as hardware likes them, but upwards where too little of them would be left. */
export function roundFilters(filters: number, { minimum = 8, floor = 0.9 }: Rounding = {}): number {
  const rounded = Math.max(minimum, Math.floor((filters + 4) / 8) * 8);
  return rounded < floor * filters ? rounded + 8 : rounded;
}
