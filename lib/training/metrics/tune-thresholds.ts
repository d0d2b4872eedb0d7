import { sum } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

/** A label with fewer positive or fewer negative examples keeps 0.5. */
const ENOUGH = 5;
/** Number of positive examples at which a threshold is halfway between 0.5 and the estimate. */
const EXAMPLES_OF_HALF = 10;

interface Guess {
  readonly probability: number;
  readonly positive: boolean;
}

/**
 * Tunes the threshold of each label to maximize F1. With calibrated probabilities, the best threshold is half of the
 * largest F1 that any threshold reaches (Lipton et al., arXiv:1402.1892). Few examples estimate that value far better
 * than its position on the curve. The fewer positive examples a label has, the nearer its threshold stays to 0.5.
 * @param scores calibrated, on examples that the model was not trained on
 * @returns [classes], each at most 0.5; 0.5 for a label with too few positive or negative examples
 */
export function tuneThresholds(scores: LabelledLogits): number[] {
  const { count, classes, targets } = scores;
  const probabilities = probabilitiesOf(scores);
  return Array.from({ length: classes }, (_, of) => {
    const guesses = Array.from({ length: count }, (_, row) => ({
      probability: probabilities[row * classes + of] ?? 0,
      positive: (targets[row * classes + of] ?? 0) > 0.5,
    }));
    return tuneThreshold(guesses.sort((a, b) => b.probability - a.probability));
  });
}

/**
 * Tunes the threshold of one label.
 * @param ranked in descending order of probability
 */
function tuneThreshold(ranked: readonly Guess[]): number {
  const positives = ranked.filter(({ positive }) => positive).length;
  if (positives < ENOUGH || ranked.length - positives < ENOUGH) return 0.5;
  const trust = positives / (positives + EXAMPLES_OF_HALF);
  return 0.5 - (trust * (1 - largestF1(ranked))) / 2;
}

/**
 * Estimates the largest F1 as a mean of two estimates: the observed one, which is noisy with few examples, and the one
 * that calibrated probabilities predict, which is more stable.
 * @param ranked in descending order of probability
 */
function largestF1(ranked: readonly Guess[]): number {
  const all = sum(ranked.map((guess) => worth(guess)));
  let largest = 0;
  let found = 0;
  for (const [i, guess] of ranked.entries()) {
    found += worth(guess);
    if (ranked[i + 1]?.probability !== guess.probability) largest = Math.max(largest, (2 * found) / (all + i + 1));
  }
  return largest;
}

/** Returns how much an example counts as a positive: half by its target, half by its probability. */
function worth({ positive, probability }: Guess): number {
  return (Number(positive) + probability) / 2;
}
