import { at } from '../../arithmetic.ts';
import type { RankedScores } from '../../training/metrics/rank-scores.ts';

/** A threshold of a label, and its effect. */
export interface ThresholdChoice {
  readonly threshold: number;
  /** Number of predictions that reach it. */
  readonly support: number;
  readonly precision: number;
  readonly recall: number;
}

/** Precision and recall at every threshold that occurs. @returns from the highest threshold; none without positives */
export function thresholdChoices({ thresholds, truePositives, falsePositives, positives }: RankedScores): ThresholdChoice[] {
  if (positives === 0) return [];
  return Array.from(thresholds, (threshold, step) => {
    const support = at(truePositives, step) + at(falsePositives, step);
    return { threshold, support, precision: at(truePositives, step) / support, recall: at(truePositives, step) / positives };
  });
}

/** The highest threshold whose recall is at least `recall`: the one with the fewest false positives. */
export function choiceForRecall(choices: readonly ThresholdChoice[], recall: number): ThresholdChoice | undefined {
  return choices.find((choice) => choice.recall >= recall);
}
