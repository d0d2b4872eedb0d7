import { mean } from '../../arithmetic.ts';
import type { LabelledLogits } from './labelled-logits.ts';

/**
 * Computes the mean average precision over the labels that have examples, when all examples are ranked by the label's
 * logit. Tied logits are one step of the ranking.
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

/** Sums (recall gained) times (precision so far) over the steps of the ranking, as scikit-learn does. */
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
