/** Sums, means and medians of numbers, in arrays and typed arrays, and parts of lists. */

/** Returns the sum of the values; 0 if there are none. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Returns the sum of `of(value)` over all values. */
export function sumOf<T>(values: Iterable<T>, of: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
}

/** Returns the product of the values, 1 if there are none: the number of elements of a tensor of this shape. */
export function product(values: Iterable<number>): number {
  let total = 1;
  for (const value of values) total *= value;
  return total;
}

/** Returns the mean of the values; 0 if there are none. */
export function mean(values: ArrayLike<number> & Iterable<number>): number {
  return sum(values) / Math.max(1, values.length);
}

/** Returns the index of the first number that is infinite or NaN; -1 if all are finite. */
export function firstNotFinite(values: Float32Array): number {
  // A callback takes ten times as long.
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Returns the median of the values; NaN if there are none. */
export function median(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b);
  const middle = (ordered.length - 1) / 2;
  return ((ordered[Math.floor(middle)] ?? Number.NaN) + (ordered[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Returns the sample standard deviation (n - 1 in the denominator); 0 for a single value. */
export function sampleDeviation(values: ArrayLike<number> & Iterable<number>): number {
  const centre = mean(values);
  const squares = sum(Array.from(values, (value) => (value - centre) ** 2));
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** Rounds a measurement to four decimal places. */
export function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Picks at most so many of a list's values, evenly spread over it. */
export function spreadEvenly<Value>(values: readonly Value[], most: number): Value[] {
  const count = Math.min(most, values.length);
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]).filter(
    (value) => value !== undefined,
  );
}

/**
 * Returns an element whose index is within bounds by construction. Arrays of one kind only: V8 compiles the access to a
 * load. A function that all kinds of arrays share is fifty times slower.
 */
export function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

/** As `at`, for float32. */
export function at32(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}

/**
 * Returns the index of the largest value, the first on ties, counted from `start`.
 * @param count number of values to compare, from `start` on; default: all of them
 */
export function argMax(values: ArrayLike<number>, start = 0, count = values.length - start): number {
  let largest = 0;
  for (let i = 1; i < count; i++) if ((values[start + i] ?? 0) > (values[start + largest] ?? 0)) largest = i;
  return largest;
}
