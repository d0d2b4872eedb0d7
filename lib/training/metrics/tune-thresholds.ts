import { sum } from '../../arithmetic.ts';
import { type LabelledLogits, probabilitiesOf } from './labelled-logits.ts';

/** With fewer examples that have a label, or that have it not, nothing is known of it. */
const ENOUGH = 5;
/** Examples with a label at which its threshold lies half way between 0.5 and what they ask for. */
const HALF_WAY = 10;

interface Guess {
  readonly probability: number;
  readonly positive: boolean;
}

/**
 * For each label the probability from which it is given, so that F1 is largest. Of calibrated probabilities that is
 * half of the largest F1 that any threshold reaches (Lipton et al., arXiv:1402.1892), which few examples tell far
 * better than where on their curve it is reached. The fewer examples have the label, the nearer the threshold stays to
 * 0.5.
 * @param answers calibrated, on examples that the model was not trained on
 * @returns [classes], each at most 0.5; 0.5 for a label that too few examples have, or have not
 */
export function tuneThresholds(answers: LabelledLogits): number[] {
  const { count, classes, targets } = answers;
  const probabilities = probabilitiesOf(answers);
  return Array.from({ length: classes }, (_, of) => {
    const guesses = Array.from({ length: count }, (_, row) => ({
      probability: probabilities[row * classes + of] ?? 0,
      positive: (targets[row * classes + of] ?? 0) > 0.5,
    }));
    return tuneThreshold(guesses.sort((a, b) => b.probability - a.probability));
  });
}

/** @param ranked the surest first */
function tuneThreshold(ranked: readonly Guess[]): number {
  const positives = ranked.filter(({ positive }) => positive).length;
  if (positives < ENOUGH || ranked.length - positives < ENOUGH) return 0.5;
  const trust = positives / (positives + HALF_WAY);
  return 0.5 - (trust * (1 - largestF1(ranked))) / 2;
}

/**
 * The mean of two views: what the examples say, which few of them say badly, and what calibrated probabilities expect,
 * which is steadier.
 * @param ranked the surest first
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

/** How much of a positive an example is: half by what is true of it, half by what the model expects. */
function worth({ positive, probability }: Guess): number {
  return (Number(positive) + probability) / 2;
}
