import { mean, sumOf } from '../../arithmetic.ts';
import { type ConfusionCounts, f1, recall, support } from './confusion-counts.ts';

/** Computes the mean recall of the classes that have examples: the accuracy if all classes were equally frequent. */
export function balancedAccuracy(counts: readonly ConfusionCounts[]): number {
  return mean(counts.filter((of) => support(of) > 0).map(recall));
}

/**
 * Computes the unweighted mean F1 of the classes. Omits a class that was neither present nor predicted.
 * @returns undefined if that is every class
 */
export function macroF1(counts: readonly ConfusionCounts[]): number | undefined {
  const known = counts.filter(occurs).map(f1);
  return known.length === 0 ? undefined : mean(known);
}

/**
 * Computes F1 over all decisions: frequent classes count more. For single-label it equals accuracy.
 * @returns undefined if no class was present or predicted
 */
export function microF1(counts: readonly ConfusionCounts[]): number | undefined {
  if (!counts.some(occurs)) return undefined;
  return f1({
    truePositives: sumOf(counts, ({ truePositives }) => truePositives),
    falsePositives: sumOf(counts, ({ falsePositives }) => falsePositives),
    falseNegatives: sumOf(counts, ({ falseNegatives }) => falseNegatives),
  });
}

/** Whether a class was present or predicted. */
function occurs(counts: ConfusionCounts): boolean {
  return support(counts) + counts.falsePositives > 0;
}
