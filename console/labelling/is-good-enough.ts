import type { Suggestions } from '../../lib/contracts/suggestions.ts';

/**
 * Labels from which on the server says what further ones would bring, the least accuracy at the lower end of its interval,
 * and the gain that further labels are worth.
 */
const ENOUGH = { labels: 40, accuracy: 0.75, gain: 0.01 };

/**
 * Whether a data set has enough labels to train on: the accuracy suffices, and further labels are not known to be worth it.
 * Without a gain, what they would bring is unknown: the server compares halves of at most 500 labels, and says nothing
 * while the difference may be chance.
 */
export function isGoodEnough({ labelled, accuracy, gain }: Pick<Suggestions, 'labelled' | 'accuracy' | 'gain'>): boolean {
  if (labelled < ENOUGH.labels || accuracy === undefined || accuracy.low < ENOUGH.accuracy) return false;
  return gain === undefined || gain.accuracy < ENOUGH.gain;
}
