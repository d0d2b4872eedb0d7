import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import { decisionsOf } from '../../training/metrics/labelled-logits.ts';

/** The labels of each image as one text, so that versions with other label numbers can be compared. */
export interface LabelTexts {
  /** [count] */
  readonly predicted: readonly string[];
  /** [count] */
  readonly truth: readonly string[];
}

/** Names the predicted and the true labels of each image. @param thresholds of a multi-label model */
export function labelTexts(scores: LabelledLogits, labels: readonly string[], thresholds?: readonly number[]): LabelTexts {
  const { count, classes, targets } = scores;
  const decisions = decisionsOf(scores, thresholds);
  const textOf = (values: ArrayLike<number>, row: number): string => {
    const own: string[] = [];
    for (let of = 0; of < classes; of++) if ((values[row * classes + of] ?? 0) > 0.5) own.push(labels[of] ?? '');
    return JSON.stringify(own.sort());
  };
  return {
    predicted: Array.from({ length: count }, (_, row) => textOf(decisions, row)),
    truth: Array.from({ length: count }, (_, row) => textOf(targets, row)),
  };
}
