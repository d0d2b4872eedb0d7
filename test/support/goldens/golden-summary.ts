/** What a golden keeps of an output: enough to tell it from any other. */
export interface GoldenSummary {
  readonly length: number;
  readonly first: readonly number[];
  readonly sum: number;
  readonly l2: number;
  readonly maxAbs: number;
}

/** What of `values` lies outside the goldens' tolerance, a line each; nothing when they pass. */
export function differences(values: Float32Array, golden: GoldenSummary): string[] {
  const tolerance = 1e-4 * Math.max(1, golden.maxAbs);
  const found: string[] = [];
  const check = (what: string, received: number, expected: number, allowed: number): void => {
    // Written so that NaN fails.
    if (!(Math.abs(received - expected) <= allowed)) found.push(`${what}: ${received}, expected ${expected} within ${allowed}`);
  };
  check('length', values.length, golden.length, 0);
  for (const [i, expected] of golden.first.entries()) check(`value ${i}`, values[i] ?? Number.NaN, expected, tolerance);
  check(
    'sum',
    values.reduce((sum, value) => sum + value, 0),
    golden.sum,
    tolerance * golden.length,
  );
  check('l2', Math.hypot(...values), golden.l2, tolerance);
  return found;
}
