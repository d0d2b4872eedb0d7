import type { Answers } from './answers.ts';

/**
 * How surprised the model is by the truth, in nats: minus the logarithm of the probability that it gave to it, as a mean
 * over examples (single-label) or over labels of examples (multi-label). From logits, so that no probability is 0.
 */
export function negativeLogLikelihood({ task, count, classes, logits, targets }: Answers): number {
  let sum = 0;
  if (task === 'multi-label') {
    for (const [i, x] of logits.entries()) sum += Math.max(x, 0) - x * (targets[i] ?? 0) + Math.log1p(Math.exp(-Math.abs(x)));
    return sum / (count * classes);
  }
  for (let row = 0; row < count; row++) {
    const values = logits.subarray(row * classes, (row + 1) * classes);
    const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const partition = largest + Math.log(values.reduce((total, value) => total + Math.exp(value - largest), 0));
    for (const [i, value] of values.entries()) sum += (targets[row * classes + i] ?? 0) * (partition - value);
  }
  return sum / count;
}
