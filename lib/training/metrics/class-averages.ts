import { mean, sumOf } from '../../arithmetic.ts';
import { type ClassCounts, f1, recall, support } from './confusion-counts.ts';

/** The mean recall of the classes that some example has: what accuracy would be if all were equally frequent. */
export function balancedAccuracy(counts: readonly ClassCounts[]): number {
  return mean(counts.filter((of) => support(of) > 0).map(recall));
}

/** The mean F1 of the classes, all equal; a class that no example has and none was given does not count. */
export function macroF1(counts: readonly ClassCounts[]): number {
  return mean(counts.filter((of) => support(of) + of.falsePositives > 0).map(f1));
}

/** F1 of all decisions together: frequent classes count more. For single-label it equals accuracy. */
export function microF1(counts: readonly ClassCounts[]): number {
  return f1({
    truePositives: sumOf(counts, ({ truePositives }) => truePositives),
    falsePositives: sumOf(counts, ({ falsePositives }) => falsePositives),
    falseNegatives: sumOf(counts, ({ falseNegatives }) => falseNegatives),
  });
}
