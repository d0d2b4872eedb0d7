import type { LabelledLogits } from './labelled-logits.ts';

/**
 * Computes the share of examples whose class is among the `k` largest logits; the first wins on ties. Single-label
 * only.
 */
export function topKAccuracy({ count, classes, logits, targets }: LabelledLogits, k: number): number {
  let found = 0;
  for (let row = 0; row < count; row++) {
    const start = row * classes;
    const truth = targets.subarray(start, start + classes).findIndex((target) => target > 0.5);
    const own = logits[start + truth] ?? Number.NaN;
    const before = logits
      .subarray(start, start + classes)
      .reduce((sum, logit, of) => sum + Number(logit > own || (logit === own && of < truth)), 0);
    if (before < k) found++;
  }
  return found / count;
}
