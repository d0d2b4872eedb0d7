import { sum } from '../../arithmetic.ts';
import type { LabelledLogits } from './labelled-logits.ts';

/**
 * Computes the mean negative log-likelihood of the targets in nats, over examples (single-label) or over labels of
 * examples (multi-label). Works on logits, so that no probability is 0.
 */
export function negativeLogLikelihood(scores: LabelledLogits): number {
  return sum(imageLosses(scores)) / scores.count;
}

/** Computes the negative log-likelihood of each example, [count]; multi-label: the mean over its labels. */
export function imageLosses({ task, count, classes, logits, targets }: LabelledLogits): Float64Array {
  const losses = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const [from, to] = [row * classes, (row + 1) * classes];
    const values = logits.subarray(from, to);
    let sum = 0;
    if (task === 'multi-label') {
      for (const [i, x] of values.entries())
        sum += (Math.max(x, 0) - x * (targets[from + i] ?? 0) + Math.log1p(Math.exp(-Math.abs(x)))) / classes;
    } else {
      const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
      const partition = largest + Math.log(values.reduce((total, value) => total + Math.exp(value - largest), 0));
      for (const [i, value] of values.entries()) sum += (targets[from + i] ?? 0) * (partition - value);
    }
    losses[row] = sum;
  }
  return losses;
}
