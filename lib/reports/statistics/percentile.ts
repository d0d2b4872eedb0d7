/**
 * Returns a percentile with linear interpolation between the two nearest values, as NumPy's default does.
 * @param sorted in ascending order, at least one value
 * @param share 0..1
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? low;
  return low + (position - below) * (high - low);
}
