/** Filters rounded to a multiple of 8, as hardware likes them, but never down by more than a tenth (MobileNet's rule). */
export function roundFilters(filters: number, divisor = 8, minimum = divisor): number {
  const rounded = Math.max(minimum, Math.floor((filters + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * filters ? rounded + divisor : rounded;
}
