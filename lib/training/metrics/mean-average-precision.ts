import { mean } from '../../arithmetic.ts';
import type { LabelledLogits } from './labelled-logits.ts';

/**
 * How well each label's examples come first when all are ranked by its logit: the mean of the labels' average precisions,
 * of those labels that some example has. Equal logits are one step of the ranking.
 */
export function meanAveragePrecision({ classes, logits, targets, count }: LabelledLogits): number {
  const precisions: number[] = [];
  for (let of = 0; of < classes; of++) {
    const ranked = Array.from({ length: count }, (_, row) => ({
      score: logits[row * classes + of] ?? 0,
      positive: (targets[row * classes + of] ?? 0) > 0.5,
    })).sort((a, b) => b.score - a.score);
    if (ranked.some(({ positive }) => positive)) precisions.push(averagePrecision(ranked));
  }
  return mean(precisions);
}

/** The sum over the steps of the ranking of (recall gained) times (precision so far), as in scikit-learn. */
function averagePrecision(ranked: readonly { readonly score: number; readonly positive: boolean }[]): number {
  const positives = ranked.filter(({ positive }) => positive).length;
  let found = 0;
  let foundBefore = 0;
  let sum = 0;
  for (const [i, { score, positive }] of ranked.entries()) {
    found += Number(positive);
    if (ranked[i + 1]?.score === score) continue;
    sum += ((found - foundBefore) / positives) * (found / (i + 1));
    foundBefore = found;
  }
  return sum;
}
