import { argMax, at } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from '../../training/metrics/labelled-logits.ts';

/** The most probable label of each image, by its number, and its probability. */
export function topLabels(scores: LabelledLogits): { readonly classes: number[]; readonly confidences: number[] } {
  const { count, classes, logits } = scores;
  const probabilities = probabilitiesOf(scores);
  const top = Array.from({ length: count }, (_, row) => argMax(logits.subarray(row * classes, (row + 1) * classes)));
  return { classes: top, confidences: top.map((of, row) => at(probabilities, row * classes + of)) };
}
