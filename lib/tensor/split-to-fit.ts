import { isOutOfMemory } from './out-of-memory.ts';

/** Computes over rows 0 to `count`, in as few parts as fit into memory. @returns the parts' results, in order */
export type RunInParts = <Result>(count: number, compute: (start: number, end: number) => Result) => Result[];

/** As RunInParts, for work that takes turns with other work; the parts run one after the other. */
export type RunInPartsLater = <Result>(
  count: number,
  compute: (start: number, end: number) => Promise<Result>,
) => Promise<Result[]>;

/**
 * Creates a runner that splits a batch if it does not fit into the device's memory. A part that fails is retried in
 * two halves, these in quarters if necessary, and so on. Later batches start with the part size that fitted.
 *
 * `compute` must leave no tensor behind when it throws (`tf.tidy`), and its results must be additive, such as
 * gradients of a mean weighted by each part's share of the rows. (Batch normalization in training then takes its
 * statistics from the part.)
 * @param say called with the new number of rows per part whenever it changes
 * @throws the error of `compute`; the device's own error if not even one row fits
 */
export function splitToFit(say: (rows: number) => void): RunInParts {
  const sizes = partSizes(say);
  return (count, compute) => {
    const results = [];
    for (let start = 0; start < count; ) {
      const end = sizes.endOf(start, count);
      try {
        results.push(compute(start, end));
        start = end;
      } catch (error) {
        sizes.halve(end - start, error);
      }
    }
    return results;
  };
}

/** As splitToFit, for asynchronous work. */
export function splitToFitLater(say: (rows: number) => void): RunInPartsLater {
  const sizes = partSizes(say);
  return async (count, compute) => {
    const results = [];
    for (let start = 0; start < count; ) {
      const end = sizes.endOf(start, count);
      try {
        results.push(await compute(start, end));
        start = end;
      } catch (error) {
        sizes.halve(end - start, error);
      }
    }
    return results;
  };
}

function partSizes(say: (rows: number) => void) {
  let most = Number.POSITIVE_INFINITY;
  return {
    endOf: (start: number, count: number): number => Math.min(start + most, count),
    /** Makes parts half as large as the one that failed. @throws the error, if smaller parts cannot help */
    halve(rows: number, error: unknown): void {
      if (!isOutOfMemory(error) || rows === 1) throw error;
      most = Math.ceil(rows / 2);
      say(most);
    },
  };
}
