import { argMax, at } from '../../arithmetic.ts';
import type { Task } from '../losses/loss.ts';

/** Logits of a model and the true targets: plain numbers, row by row. */
export interface LabelledLogits {
  readonly task: Task;
  readonly count: number;
  readonly classes: number;
  /** [count, classes] */
  readonly logits: Float32Array;
  /** [count, classes], 0 or 1 */
  readonly targets: Float32Array;
}

/**
 * Computes probabilities, [count, classes]: softmax of each row for single-label, sigmoid of each value for
 * multi-label.
 */
export function probabilitiesOf({ task, count, classes, logits }: LabelledLogits): Float64Array {
  const probabilities = new Float64Array(logits);
  for (let row = 0; row < count; row++) toProbabilities(probabilities, task, row * classes, (row + 1) * classes);
  return probabilities;
}

/** Replaces the logits of one row, `values` from `start` to before `end`, by their probabilities. */
export function toProbabilities(values: Float64Array, task: Task, start: number, end: number): void {
  if (task === 'multi-label') {
    for (let i = start; i < end; i++) values[i] = 1 / (1 + Math.exp(-at(values, i)));
    return;
  }
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) largest = Math.max(largest, at(values, i));
  let total = 0;
  for (let i = start; i < end; i++) {
    const power = Math.exp(at(values, i) - largest);
    values[i] = power;
    total += power;
  }
  for (let i = start; i < end; i++) values[i] = at(values, i) / total;
}

/**
 * Computes decisions, [count, classes], 0 or 1: the class with the largest logit for single-label, every label that
 * reaches its threshold for multi-label.
 * @param thresholds [classes], the probability from which a label is predicted; default: 0.5
 */
export function decisionsOf({ task, count, classes, logits }: LabelledLogits, thresholds: readonly number[] = []): Uint8Array {
  if (task === 'multi-label') {
    const least = Array.from({ length: classes }, (_, of) => logitOf(thresholds[of] ?? 0.5));
    return Uint8Array.from(logits, (logit, i) => Number(logit >= (least[i % classes] ?? 0)));
  }
  const decisions = new Uint8Array(logits.length);
  for (let row = 0; row < count; row++) decisions[row * classes + argMax(logits, row * classes, classes)] = 1;
  return decisions;
}

function logitOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/**
 * Picks the logits that each fold's own network gives to the rows that it left out, from networks side by side.
 * @param logits float32 [count, folds * classes]
 * @param folds the rows that each fold leaves out
 * @returns for each fold float32 [its rows, classes]
 */
export function foldLogits(logits: Float32Array, folds: readonly (readonly number[])[], classes: number): Float32Array[] {
  const width = folds.length * classes;
  return folds.map((rows, fold) => {
    const own = new Float32Array(rows.length * classes);
    for (const [i, row] of rows.entries()) {
      const from = row * width + fold * classes;
      own.set(logits.subarray(from, from + classes), i * classes);
    }
    return own;
  });
}
