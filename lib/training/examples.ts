import { product } from '../arithmetic.ts';
import type { RandomStream } from '../random.ts';

/**
 * Labelled examples for training or evaluation: rows of inputs with their targets, held in memory or read on demand.
 */
export interface Examples {
  readonly count: number;
  /** Shape of one input, without the batch: [features] or [height, width, channels]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Number of examples of each class, [classes]. */
  readonly classCounts: readonly number[];
  /** [count, classes]: one-hot for single-label, multi-hot for multi-label. */
  readonly targets: Float32Array;
  /** [count]: weight of each example; default: 1. */
  readonly weights?: Float32Array;
  /**
   * Reads rows, in the given order.
   * @param epoch of a training, from 1: selects the variants of augmented examples; default: the original examples
   */
  gather(rows: readonly number[], epoch?: number): Promise<Batch>;
}

/** n examples, row after row. */
export interface Batch {
  /** [n, ...inputShape] */
  readonly inputs: Float32Array;
  /** [n, classes]: one-hot for single-label, multi-hot for multi-label. */
  readonly targets: Float32Array;
  /** [n]: weight of each example; default: 1. */
  readonly weights?: Float32Array;
}

/** Returns rows [start, end) of a batch of `count` examples, without copying them. */
export function sliceBatch({ inputs, targets, weights }: Batch, start: number, end: number, count: number): Batch {
  const rows = (values: Float32Array): Float32Array => {
    const size = values.length / count;
    return values.subarray(start * size, end * size);
  };
  return { inputs: rows(inputs), targets: rows(targets), ...(weights !== undefined && { weights: rows(weights) }) };
}

/** Creates examples with targets in memory and inputs from `read`, [rows.length, ...inputShape]. */
export function examplesFrom(source: {
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** [count, classes] */
  readonly targets: Float32Array;
  /** [count] */
  readonly weights?: Float32Array;
  read(rows: readonly number[], epoch?: number): Promise<Float32Array>;
}): Examples {
  const { inputShape, classes, targets, weights } = source;
  const count = targets.length / classes;
  return {
    count,
    inputShape,
    classes,
    classCounts: countClasses(targets, classes),
    targets,
    ...(weights !== undefined && { weights }),
    async gather(rows, epoch) {
      const batch = { inputs: await source.read(rows, epoch), targets: gatherRows(targets, classes, rows) };
      return weights === undefined ? batch : { ...batch, weights: gatherRows(weights, 1, rows) };
    },
  };
}

/** Creates examples that are entirely in memory. */
export function memoryExamples(source: {
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** [count, ...inputShape] */
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly weights?: Float32Array;
}): Examples {
  const size = product(source.inputShape);
  return examplesFrom({ ...source, read: async (rows) => gatherRows(source.inputs, size, rows) });
}

/** Returns some rows of the examples as examples of their own. */
export function subsetOf(examples: Examples, rows: readonly number[]): Examples {
  const targets = gatherRows(examples.targets, examples.classes, rows);
  const weights = examples.weights && gatherRows(examples.weights, 1, rows);
  return {
    ...examples,
    ...(weights && { weights }),
    count: rows.length,
    classCounts: countClasses(targets, examples.classes),
    targets,
    gather: (wanted, epoch) =>
      examples.gather(
        wanted.flatMap((row) => rows[row] ?? []),
        epoch,
      ),
  };
}

/**
 * Returns the examples with only a range of columns of their inputs.
 * @param examples inputs [features]
 */
export function selectColumns(examples: Examples, columns: Columns): Examples {
  const width = product(examples.inputShape);
  return {
    ...examples,
    inputShape: [columns.size],
    async gather(rows, epoch) {
      const batch = await examples.gather(rows, epoch);
      return { ...batch, inputs: gatherColumns(batch.inputs, width, columns) };
    },
  };
}

/**
 * One-hot or multi-hot targets, [count, classes], from the indices of each example's classes.
 * @example
 * ```ts
 * targetsOf([[0], [2]], 3); // [1, 0, 0, 0, 0, 1]
 * ```
 */
export function targetsOf(labels: readonly (readonly number[])[], classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (const [row, indices] of labels.entries()) {
    for (const index of indices) targets[row * classes + index] = 1;
  }
  return targets;
}

/** The numbers of all rows, in order. */
export function everyRow({ count }: { readonly count: number }): number[] {
  return Array.from({ length: count }, (_, row) => row);
}

/** Draws at most `most` rows. @returns in ascending order, so that the same rows always give the same sums */
export function sampleRows(rows: readonly number[], most: number, stream: RandomStream): readonly number[] {
  if (rows.length <= most) return rows;
  return stream
    .shuffle(rows)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** Returns the rows of each batch of an epoch: in order, or in the stream's order. The last batch may be smaller. */
export function batchRows(count: number, batchSize: number, stream?: RandomStream): number[][] {
  const rows = everyRow({ count });
  const order = stream === undefined ? rows : stream.shuffle(rows);
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, i) => order.slice(i * batchSize, (i + 1) * batchSize));
}

/** Gathers the batches one by one, and reads each while the previous one is in use. */
export async function* gatherBatches(
  examples: Examples,
  batches: readonly (readonly number[])[],
  epoch?: number,
): AsyncGenerator<Batch> {
  const gather = (index: number): Promise<Batch> | undefined => {
    const rows = batches[index];
    const batch = rows && examples.gather(rows, epoch);
    // If the consumer stops early, nobody awaits the pending batch; its failure must not end the process.
    batch?.catch(() => {});
    return batch;
  };
  let next = gather(0);
  for (let index = 0; next !== undefined; index++) {
    const batch = await next;
    next = gather(index + 1);
    yield batch;
  }
}

/** Copies some rows of a matrix [count, size], in the given order. */
export function gatherRows(values: Float32Array, size: number, rows: readonly number[]): Float32Array {
  const gathered = new Float32Array(rows.length * size);
  for (const [i, row] of rows.entries()) gathered.set(values.subarray(row * size, (row + 1) * size), i * size);
  return gathered;
}

/** A range of adjacent columns of a matrix. */
export interface Columns {
  readonly start: number;
  readonly size: number;
}

/** Copies a range of columns of a matrix [rows, width] into a matrix of their own, [rows, size]. */
export function gatherColumns(values: Float32Array, width: number, { start, size }: Columns): Float32Array {
  const rows = values.length / width;
  const gathered = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) gathered.set(values.subarray(row * width + start, row * width + start + size), row * size);
  return gathered;
}

function countClasses(targets: Float32Array, classes: number): number[] {
  const counts: number[] = new Array(classes).fill(0);
  for (const [i, target] of targets.entries()) counts[i % classes] = (counts[i % classes] ?? 0) + target;
  return counts;
}
