import { type LabelledLogits, probabilitiesOf } from '../metrics/labelled-logits.ts';

/** Temperatures from 1/1000 to 1000: far beyond those of real scores, and safe for float32 weights. */
const WIDEST = Math.log(1000);
/** Precision of the logarithm of the temperature. */
const PRECISION = 1e-6;

/**
 * Fits the temperature that divides logits (Guo et al., arXiv:1706.04599). The negative log-likelihood is convex in 1 /
 * temperature, so its derivative has one root, which bisection over the logarithm of the temperature finds. One example
 * with a uniform distribution over the classes is added: without it, scores that separate the classes would give a
 * temperature of 0, whatever their number.
 * @returns between 0.001 and 1000; 1 without examples
 */
export function fitTemperature(scores: LabelledLogits): number {
  if (scores.count === 0) return 1;
  let [low, high] = [-WIDEST, WIDEST];
  while (high - low > PRECISION) {
    const middle = (low + high) / 2;
    if (slope(scores, Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The derivative of the negative log-likelihood with respect to `sharpness`, 1 / temperature. */
function slope(scores: LabelledLogits, sharpness: number): number {
  const { task, count, classes, logits, targets } = scores;
  const probabilities = probabilitiesOf({ ...scores, logits: logits.map((logit) => logit * sharpness) });
  // The uninformative example has an equal share of each example's logits.
  const indifferent = task === 'single-label' ? 1 / classes : 0.5;
  let sum = 0;
  for (const [i, logit] of logits.entries()) {
    const probability = probabilities[i] ?? 0;
    sum += logit * (probability - (targets[i] ?? 0) + (probability - indifferent) / count);
  }
  return sum;
}
