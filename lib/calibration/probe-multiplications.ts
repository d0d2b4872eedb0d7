/** Multiplications of one linear probe: the products of its rows, and an inverse for each of three ridges. */
export function probeMultiplications(count: number, size: number): number {
  return (count ** 2 / 2) * size + 3 * count ** 3;
}
