import { decisionsOf, type LabelledLogits } from './labelled-logits.ts';

/** Of one class: how many examples have it and were given it, were given it only, and have it only. */
export interface ClassCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** The counts of each class, [classes]; `thresholds` as `decisionsOf`. */
export function confusionCounts(answers: LabelledLogits, thresholds?: readonly number[]): ClassCounts[] {
  const { classes, targets } = answers;
  const decisions = decisionsOf(answers, thresholds);
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

/** Of the examples that were given the class, the share that have it; 0 where none was. */
export function precision({ truePositives, falsePositives }: ClassCounts): number {
  return share(truePositives, truePositives + falsePositives);
}

/** Of the examples that have the class, the share that were given it; 0 where none has. */
export function recall({ truePositives, falseNegatives }: ClassCounts): number {
  return share(truePositives, truePositives + falseNegatives);
}

/** The harmonic mean of precision and recall. */
export function f1({ truePositives, falsePositives, falseNegatives }: ClassCounts): number {
  return share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
}

/** How many examples have the class. */
export function support({ truePositives, falseNegatives }: ClassCounts): number {
  return truePositives + falseNegatives;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
