import { accuracy } from './accuracy.ts';
import type { LabelledLogits } from './labelled-logits.ts';
import { meanAveragePrecision } from './mean-average-precision.ts';

/**
 * The score by which networks for a task are compared: accuracy (single-label) or mean average precision (multi-label; 0
 * if no example has a label).
 */
export function taskScore(scores: LabelledLogits): number {
  return scores.task === 'multi-label' ? (meanAveragePrecision(scores) ?? 0) : accuracy(scores);
}
