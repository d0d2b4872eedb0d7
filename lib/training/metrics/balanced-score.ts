import { balancedAccuracy } from './class-averages.ts';
import { confusionCounts } from './confusion-counts.ts';
import type { LabelledLogits } from './labelled-logits.ts';
import { taskScore } from './task-score.ts';

/** As taskScore, but with balanced accuracy: a model that knows only the most frequent class does not score high. */
export function balancedScore(scores: LabelledLogits): number {
  return scores.task === 'multi-label' ? taskScore(scores) : balancedAccuracy(confusionCounts(scores));
}
