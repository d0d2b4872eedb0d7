import { setImmediate as nextTurn } from 'node:timers/promises';
import { at, at32 } from '../../arithmetic.ts';
import { type LabelledLogits, toProbabilities } from '../metrics/labelled-logits.ts';

/** Temperatures from 1/1000 to 1000: far beyond those of real scores, and safe for float32 weights. */
const WIDEST = Math.log(1000);
/** Precision of the logarithm of the temperature. */
const PRECISION = 1e-6;

/**
 * Fits the temperature that divides logits (Guo et al., arXiv:1706.04599). The negative log-likelihood is convex in 1 /
 * temperature, so its derivative has one root, which bisection over the logarithm of the temperature finds. One example
 * with a uniform distribution over the classes is added: without it, scores that separate the classes would give a
 * temperature of 0, whatever their number.
 * @param yieldToEventLoop called before each step: a step takes about a second for 100 million logits
 * @returns between 0.001 and 1000; 1 without examples
 */
export async function fitTemperature(
  scores: LabelledLogits,
  yieldToEventLoop: () => Promise<unknown> = nextTurn,
): Promise<number> {
  if (scores.count === 0) return 1;
  let [low, high] = [-WIDEST, WIDEST];
  while (high - low > PRECISION) {
    await yieldToEventLoop();
    const middle = (low + high) / 2;
    if (slope(scores, Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/**
 * The derivative of the negative log-likelihood with respect to `sharpness`, 1 / temperature. Keeps the probabilities of
 * one row only: each step of each fit would otherwise allocate those of all scores.
 */
function slope(scores: LabelledLogits, sharpness: number): number {
  const { task, count, classes, logits, targets } = scores;
  // The uninformative example has an equal share of each example's logits.
  const indifferent = task === 'single-label' ? 1 / classes : 0.5;
  const row = new Float64Array(classes);
  let sum = 0;
  for (let start = 0; start < count * classes; start += classes) {
    // Scaled logits are float32, as those of scaleLogits.
    for (let i = 0; i < classes; i++) row[i] = Math.fround(at32(logits, start + i) * sharpness);
    toProbabilities(row, task, 0, classes);
    for (let i = 0; i < classes; i++) {
      const probability = at(row, i);
      const error = probability - at32(targets, start + i);
      sum += at32(logits, start + i) * (error + (probability - indifferent) / count);
    }
  }
  return sum;
}
