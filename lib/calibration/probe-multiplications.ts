/** Multiplications of one linear probe: the products of its rows, and for each of three ridges a Cholesky factor and its inverse. */
export function probeMultiplications(count: number, size: number): number {
  return (count ** 2 / 2) * size + count ** 3;
}
