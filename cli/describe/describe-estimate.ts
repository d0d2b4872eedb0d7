import type { JobEstimate, SecondsRange } from '../../lib/contracts/compute.ts';
import { dollars, roughDuration } from '../../lib/format.ts';

/** A range of seconds as text: between 40 s and 2 min, probably about 1 min. */
export function estimatedTime({ low, expected, upper }: SecondsRange): string {
  const [from, to] = [roughDuration(low, Math.floor), roughDuration(upper, Math.ceil)];
  return from === to ? `about ${to}` : `between ${from} and ${to}, probably about ${roughDuration(expected)}`;
}

/** The range of an estimate as text, with the features that the job finds in the store. */
export function describeTime({ range, seconds, cachedFeatures = 0 }: JobEstimate): string {
  const time = estimatedTime(range ?? { low: seconds, expected: seconds, upper: seconds });
  if (cachedFeatures === 0) return time;
  const images = cachedFeatures === 1 ? 'all images' : `${Math.floor(cachedFeatures * 100)}% of the images`;
  return `${time} (the features of ${images} are cached)`;
}

/** The cost of a job as text, in US dollars: between $0.01 and $0.04. */
export function estimatedCost({ dollars: most, dollarsRange, spotDollars }: JobEstimate): string {
  if (most === undefined) return 'nothing';
  const [from, to] = [dollars(dollarsRange?.low ?? most), dollars(most)];
  const onSpot = spotDollars === undefined ? '' : `; on Spot up to ${dollars(spotDollars)}`;
  return `${from === to ? `about ${to}` : `between ${from} and ${to}`}${onSpot}`;
}
