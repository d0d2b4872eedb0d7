/** Adds to a strategy what a step of the training has found: sentences to its reason, numbers to its evidence. */
import { round } from '../arithmetic.ts';
import { errorKey } from '../contracts/strategy-evidence.ts';
import type { StrategyRecord } from '../freezing/plan-strategy.ts';
import type { PairedDifference } from '../training/paired-difference.ts';

type Explained = Pick<StrategyRecord, 'reason' | 'evidence'>;

/** The strategy with more numbers in its evidence. */
export function withEvidence<Strategy extends Explained>(strategy: Strategy, numbers: Explained['evidence']): Strategy {
  return { ...strategy, evidence: { ...strategy.evidence, ...numbers } };
}

/** The strategy with one more sentence in its reason, and with the numbers behind it. */
export function withSentence<Strategy extends Explained>(
  strategy: Strategy,
  sentence: string,
  numbers: Explained['evidence'] = {},
): Strategy {
  return { ...withEvidence(strategy, numbers), reason: `${strategy.reason} ${sentence}` };
}

/**
 * A gain as numbers for the evidence; without an infinite standard error, which JSON cannot hold.
 * @param key of the gain
 */
export function gainNumbers(
  key: string,
  { gain, standardError }: Pick<PairedDifference, 'gain' | 'standardError'>,
): Record<string, number> {
  return { [key]: round(gain), ...(Number.isFinite(standardError) && { [errorKey(key)]: round(standardError) }) };
}

/** The sentences that were added to a reason; all of them if it does not begin with the earlier reason. */
export function sentencesAfter(reason: string, earlier: string): string {
  return reason.startsWith(earlier) ? reason.slice(earlier.length).trim() : reason;
}
