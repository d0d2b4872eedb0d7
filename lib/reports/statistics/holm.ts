/**
 * Corrects p-values for their number (Holm, Scandinavian Journal of Statistics 6, 1979): with no real difference, the
 * chance that any of them falls below a level is at most that level.
 * @returns adjusted p-values in the order of the given ones
 */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[index] ?? 0)));
    adjusted[index] = largest;
  }
  return adjusted;
}
