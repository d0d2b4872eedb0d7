import { argMax } from '../../arithmetic.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';

/** The class and the prediction of each image of a single-label model. */
export interface PredictedClasses {
  /** [count] */
  readonly truth: Uint32Array;
  /** [count] */
  readonly predicted: Uint32Array;
  readonly classes: number;
}

export function predictedClasses({ count, classes, logits, targets }: LabelledLogits): PredictedClasses {
  const rowOf = (values: Float32Array, row: number) => values.subarray(row * classes, (row + 1) * classes);
  return {
    truth: Uint32Array.from({ length: count }, (_, row) => argMax(rowOf(targets, row))),
    predicted: Uint32Array.from({ length: count }, (_, row) => argMax(rowOf(logits, row))),
    classes,
  };
}

/** Number of images of a class that were predicted as a class. */
export interface ConfusionPair {
  readonly truth: number;
  readonly predicted: number;
  readonly count: number;
}

/** Counts the images of each pair of class and prediction, without empty pairs. @returns by class, then prediction */
export function confusionPairs({ truth, predicted, classes }: PredictedClasses): ConfusionPair[] {
  const counts = new Map<number, number>();
  for (const [row, of] of truth.entries()) {
    const key = of * classes + (predicted[row] ?? 0);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([key, count]) => ({ truth: Math.floor(key / classes), predicted: key % classes, count }));
}

/**
 * Chooses the classes to show of a matrix that is too large: those with the most confused pairs.
 * @returns at most `most` classes, in ascending order
 */
export function mostConfusedClasses(pairs: readonly ConfusionPair[], classes: number, most: number): number[] {
  if (classes <= most) return Array.from({ length: classes }, (_, of) => of);
  const chosen = new Set<number>();
  const errors = pairs.filter(({ truth, predicted }) => truth !== predicted).sort((a, b) => b.count - a.count);
  for (const { truth, predicted } of errors) {
    const added = new Set([...chosen, truth, predicted]);
    if (added.size > most) break;
    chosen.add(truth).add(predicted);
  }
  return [...chosen].sort((a, b) => a - b);
}
