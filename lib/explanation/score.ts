import { at32, sum } from '../arithmetic.ts';
import type { ExplainedModel } from './explainer.ts';

interface Prediction {
  /** float32 [labels] */
  readonly probabilities: Float32Array;
  /** Index of the label. */
  readonly label: number;
}

/** Keeps logarithms of probabilities that float32 rounds to 0 or 1 finite. */
const LEAST = 1e-12;

/** Returns the log-odds of a label, which is the logit if the labels do not exclude each other. */
export function logOdds({ probabilities, label }: Prediction, { exclusive }: Pick<ExplainedModel, 'exclusive'>): number {
  const probability = at32(probabilities, label);
  const others = exclusive ? sum(probabilities.filter((_, index) => index !== label)) : 1 - probability;
  return Math.log(Math.max(probability, LEAST)) - Math.log(Math.max(others, LEAST));
}
