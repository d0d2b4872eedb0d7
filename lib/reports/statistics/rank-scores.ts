import { at } from '../../arithmetic.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';

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
 * Ranks images by the probability of one class.
 * @param probabilities [count, classes], of `scores`
 */
export function rankClass(
  { count, classes, targets }: Pick<LabelledLogits, 'count' | 'classes' | 'targets'>,
  probabilities: Float64Array,
  of: number,
): RankedScores {
  return rankScores(
    Float64Array.from({ length: count }, (_, row) => at(probabilities, row * classes + of)),
    (row) => at(targets, row * classes + of) > 0.5,
  );
}

/**
 * Ranks images by their score. Equal scores are one step.
 * @param scores [count]
 * @param isPositive whether an image has the class
 */
export function rankScores(scores: ArrayLike<number>, isPositive: (row: number) => boolean): RankedScores {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row).sort(
    (a, b) => at(scores, b) - at(scores, a) || a - b,
  );
  const thresholds: number[] = [];
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let found = 0;
  for (const [place, row] of order.entries()) {
    if (isPositive(row)) found++;
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[row]) continue;
    thresholds.push(at(scores, row));
    truePositives.push(found);
    falsePositives.push(place + 1 - found);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
    positives: found,
    negatives: scores.length - found,
  };
}
