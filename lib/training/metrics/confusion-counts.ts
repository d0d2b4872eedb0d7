import { decisionsOf, type LabelledLogits } from './labelled-logits.ts';

/** True positives, false positives and false negatives of one class. */
export interface ConfusionCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/**
 * Counts the decisions for each class, [classes].
 * @param thresholds as `decisionsOf`
 */
export function confusionCounts(scores: LabelledLogits, thresholds?: readonly number[]): ConfusionCounts[] {
  const { classes, targets } = scores;
  const decisions = decisionsOf(scores, thresholds);
  return Array.from({ length: classes }, (_, of) => {
    const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
    for (let i = of; i < targets.length; i += classes) {
      const truth = (targets[i] ?? 0) > 0.5;
      if (decisions[i] === 1) counts[truth ? 'truePositives' : 'falsePositives'] += 1;
      else if (truth) counts.falseNegatives += 1;
    }
    return counts;
  });
}

/** Share of the predicted examples that have the class; 0 if there are none. */
export function precision({ truePositives, falsePositives }: ConfusionCounts): number {
  return share(truePositives, truePositives + falsePositives);
}

/** Share of the class's examples that were predicted; 0 if there are none. */
export function recall({ truePositives, falseNegatives }: ConfusionCounts): number {
  return share(truePositives, truePositives + falseNegatives);
}

/** The harmonic mean of precision and recall. */
export function f1({ truePositives, falsePositives, falseNegatives }: ConfusionCounts): number {
  return share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

/** Number of examples that have the class. */
export function support({ truePositives, falseNegatives }: ConfusionCounts): number {
  return truePositives + falseNegatives;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
