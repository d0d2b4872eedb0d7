import { at32, sum } from '../arithmetic.ts';
import type { ExplainedImage, ExplainedModel } from './explainer.ts';

type Prediction = Pick<ExplainedImage, 'probabilities' | 'label'>;

/**
 * Returns the weight of each logit in the score of a label. For labels that exclude each other, the score is the gradient
 * of the label's log-odds: evidence for the label and against the others, the more probable ones first. A common offset
 * of all logits cancels. Otherwise it is the label's own logit.
 */
export function logitWeights(
  { probabilities, label }: Prediction,
  { exclusive }: Pick<ExplainedModel, 'exclusive'>,
): Float32Array {
  const weights = new Float32Array(probabilities.length);
  if (exclusive) {
    const others = sum(probabilities.filter((_, index) => index !== label));
    for (const [index, probability] of probabilities.entries())
      weights[index] = others > 0 ? -probability / others : -1 / (probabilities.length - 1);
  }
  weights[label] = 1;
  return weights;
}

/** Keeps logarithms of probabilities that float32 rounds to 0 or 1 finite. */
const LEAST = 1e-12;

/** Returns the log-odds of a label, which is the logit if the labels do not exclude each other. */
export function logOdds({ probabilities, label }: Prediction, { exclusive }: Pick<ExplainedModel, 'exclusive'>): number {
  const probability = at32(probabilities, label);
  const others = exclusive ? sum(probabilities.filter((_, index) => index !== label)) : 1 - probability;
  return Math.log(Math.max(probability, LEAST)) - Math.log(Math.max(others, LEAST));
}
