import { at, mean } from '../../arithmetic.ts';
import type { LabelledLogits } from './labelled-logits.ts';
import { type RankedScores, rankClass } from './rank-scores.ts';

/**
 * Computes the mean average precision over the labels that have examples, when all examples are ranked by the label's
 * logit. Tied logits are one step of the ranking.
 * @returns undefined if no label has an example
 */
export function meanAveragePrecision(scores: LabelledLogits): number | undefined {
  const ranked = Array.from({ length: scores.classes }, (_, of) => rankClass(scores, scores.logits, of));
  const known = ranked.filter(({ positives }) => positives > 0).map(averagePrecision);
  return known.length === 0 ? undefined : mean(known);
}

/** Sums (recall gained) times (precision so far) over the steps of the ranking, as scikit-learn does. */
function averagePrecision({ truePositives, falsePositives, positives }: RankedScores): number {
  let foundBefore = 0;
  let sum = 0;
  for (const [step, found] of truePositives.entries()) {
    sum += ((found - foundBefore) / positives) * (found / (found + at(falsePositives, step)));
    foundBefore = found;
  }
  // The rounded steps of a perfect ranking can add up to slightly more than 1.
  return Math.min(1, sum);
}
