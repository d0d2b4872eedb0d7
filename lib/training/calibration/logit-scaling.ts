import type { LabelledLogits } from '../metrics/labelled-logits.ts';

/** Calibrates logits: multiplies each class's logits by its scale, and adds its offset. */
export interface LogitScaling {
  /** [classes], each above 0 */
  readonly scales: readonly number[];
  /** [classes] */
  readonly offsets: readonly number[];
}

/** @param scale of every class */
export function uniformScaling(classes: number, scale = 1): LogitScaling {
  return { scales: new Array<number>(classes).fill(scale), offsets: new Array<number>(classes).fill(0) };
}

/** The same scores with calibrated logits. */
export function scaleLogits<Scores extends LabelledLogits>(scores: Scores, { scales, offsets }: LogitScaling): Scores {
  const { classes, logits } = scores;
  return { ...scores, logits: logits.map((logit, i) => logit * (scales[i % classes] ?? 1) + (offsets[i % classes] ?? 0)) };
}
