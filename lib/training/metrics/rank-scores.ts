import { at, at32 } from '../../arithmetic.ts';
import type { LabelledLogits } from './labelled-logits.ts';

/** Counts of the images whose score is at least a threshold, for each distinct score in descending order. */
export interface RankedScores {
  /** [steps] */
  readonly thresholds: Float64Array;
  /** [steps] */
  readonly truePositives: Float64Array;
  /** [steps] */
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Ranks images by their value for one class.
 * @param values [count, classes], of `scores`: probabilities or logits
 */
export function rankClass(
  { count, classes, targets }: Pick<LabelledLogits, 'count' | 'classes' | 'targets'>,
  values: ArrayLike<number>,
  of: number,
): RankedScores {
  return rankScores(
    Float64Array.from({ length: count }, (_, row) => values[row * classes + of] ?? 0),
    (row) => at32(targets, row * classes + of) > 0.5,
  );
}

/**
 * Ranks images by their score. Equal scores are one step.
 * @param scores [count]
 * @param isPositive whether an image has the class
 */
export function rankScores(scores: ArrayLike<number>, isPositive: (row: number) => boolean): RankedScores {
  // Numbers without a function that compares them are sorted ten times as fast.
  const all = Float64Array.from(scores);
  const own = all.filter((_, row) => isPositive(row)).sort();
  all.sort();
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let found = 0;
  for (let index = all.length - 1; index >= 0; index--) {
    const score = at(all, index);
    if (all[index - 1] === score) continue;
    while (found < own.length && at(own, own.length - 1 - found) >= score) found++;
    thresholds.push(score);
    truePositives.push(found);
    falsePositives.push(all.length - index - found);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
    positives: own.length,
    negatives: all.length - own.length,
  };
}
