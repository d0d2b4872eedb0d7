import { type Answers, probabilitiesOf } from './answers.ts';

/** With fewer examples that have a label, or that have it not, a threshold would be learnt from chance. */
const ENOUGH = 5;

interface Guess {
  readonly probability: number;
  readonly positive: boolean;
}

/**
 * For each label the probability from which it is given, chosen on examples that the model was not trained on so that F1 is
 * largest. F1 is the mean of two views: what the examples say, which few of them say badly, and what calibrated probabilities
 * expect (Lipton et al., arXiv:1402.1892), which is steadier; together they do better on new examples than either alone where
 * it is weak.
 * @returns [classes]; 0.5 for a label that too few examples have, or have not
 */
export function tuneThresholds(answers: Answers): number[] {
  const { count, classes, targets } = answers;
  const probabilities = probabilitiesOf(answers);
  return Array.from({ length: classes }, (_, of) => {
    const guesses = Array.from({ length: count }, (_, row) => ({
      probability: probabilities[row * classes + of] ?? 0,
      positive: (targets[row * classes + of] ?? 0) > 0.5,
    }));
    return bestThreshold(guesses.sort((a, b) => b.probability - a.probability));
  });
}

/** @param ranked the surest first */
function bestThreshold(ranked: readonly Guess[]): number {
  const seen = ranked.filter(({ positive }) => positive).length;
  if (seen < ENOUGH || ranked.length - seen < ENOUGH) return 0.5;
  const all = ranked.reduce((sum, guess) => sum + worth(guess), 0);
  let best = { f1: 0, threshold: 0.5 };
  let found = 0;
  for (const [i, guess] of ranked.entries()) {
    found += worth(guess);
    const next = ranked[i + 1]?.probability ?? 0;
    if (next === guess.probability) continue;
    const f1 = (2 * found) / (all + i + 1);
    const threshold = (guess.probability + next) / 2;
    const nearer = Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (f1 > best.f1 || (f1 === best.f1 && nearer)) best = { f1, threshold };
  }
  return best.threshold;
}

/** How much of a positive an example is: half by what is true of it, half by what the model expects. */
function worth({ positive, probability }: Guess): number {
  return (Number(positive) + probability) / 2;
}
