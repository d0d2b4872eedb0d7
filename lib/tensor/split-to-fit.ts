import { isOutOfMemory } from './out-of-memory.ts';

/** Computes over rows 0 to `count`, in as few parts as the device has room for. @returns the parts' results, in their order */
export type RunInParts = <Result>(count: number, compute: (start: number, end: number) => Result) => Result[];

/**
 * Lets work go on where the device has no room for a whole batch: the part that failed is done in two halves, these if need be
 * in quarters, and so on; later batches begin with parts of the size that did fit.
 *
 * `compute` must leave no tensor behind when it throws (`tf.tidy`), and its results must add up: gradients of a mean, each
 * times its part's share of the rows, do. (Batch normalization that trains then takes its statistics from the part.)
 * @param say told each time the size changes: so many rows at once from now on
 * @throws what `compute` throws; the device's own error where not even one row has room
 */
export function splitToFit(say: (rows: number) => void): RunInParts {
  let most = Number.POSITIVE_INFINITY;
  return (count, compute) => {
    const results = [];
    for (let start = 0; start < count; ) {
      const end = Math.min(start + most, count);
      try {
        results.push(compute(start, end));
        start = end;
      } catch (error) {
        if (!isOutOfMemory(error) || end - start === 1) throw error;
        most = Math.ceil((end - start) / 2);
        say(most);
      }
    }
    return results;
  };
}
