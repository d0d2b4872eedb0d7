/** Sums and means of numbers, in arrays and typed arrays. */

/** 0 of no values. */
export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The sum of what `of` gives for each. */
export function sumOf<T>(values: Iterable<T>, of: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += of(value);
  return total;
}

/** 1 of no values: the number of elements of a tensor of this shape. */
export function product(values: Iterable<number>): number {
  let total = 1;
  for (const value of values) total *= value;
  return total;
}

/** 0 of no values. */
export function mean(values: ArrayLike<number> & Iterable<number>): number {
  return sum(values) / Math.max(1, values.length);
}

/** Standard deviation of the values, with one degree of freedom less; 0 for a single one. */
export function sampleDeviation(values: ArrayLike<number> & Iterable<number>): number {
  const centre = mean(values);
  const squares = sum(Array.from(values, (value) => (value - centre) ** 2));
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

/** An element whose index is within bounds by construction. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
