import type { JobEstimate, SecondsRange } from '../lib/contracts/compute.ts';

const UNITS = [
  { name: 's', seconds: 1 },
  { name: 'min', seconds: 60 },
  { name: 'h', seconds: 3600 },
] as const;

/** A range of seconds as text: between 40 s and 2 min, probably about 1 min. */
export function estimatedTime({ low, expected, upper }: SecondsRange): string {
  const [from, likely, to] = [inTwoDigits(low, Math.floor), inTwoDigits(expected, Math.round), inTwoDigits(upper, Math.ceil)];
  return from === to ? `about ${to}` : `between ${from} and ${to}, probably about ${likely}`;
}

/** The range of an estimate as text, with the features that the job finds in the store. */
export function describeTime({ range, seconds, cachedFeatures = 0 }: JobEstimate): string {
  const time = estimatedTime(range ?? { low: seconds, expected: seconds, upper: seconds });
  if (cachedFeatures === 0) return time;
  const images = cachedFeatures === 1 ? 'all images' : `${Math.floor(cachedFeatures * 100)}% of the images`;
  return `${time} (the features of ${images} are cached)`;
}

/** The cost of a job as text, in US dollars: between $0.01 and $0.04. */
export function estimatedCost({ dollars, dollarsRange, spotDollars }: JobEstimate): string {
  if (dollars === undefined) return 'nothing';
  const [from, to] = [price(dollarsRange?.low ?? dollars), price(dollars)];
  const onSpot = spotDollars === undefined ? '' : `; on Spot up to ${price(spotDollars)}`;
  return `${from === to ? `about ${to}` : `between ${from} and ${to}`}${onSpot}`;
}

function price(dollars: number): string {
  return `$${dollars < 0.01 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
}

/** @param round towards the end that a range must include */
function inTwoDigits(seconds: number, round: (value: number) => number): string {
  const unit = UNITS.find(({ seconds: of }) => seconds < of * 100) ?? UNITS[2];
  const value = seconds / unit.seconds;
  const step = value < 10 ? 0.1 : 1;
  // Otherwise a rounding error of the division could add a whole step.
  return `${Number((round(Number((value / step).toFixed(6))) * step).toFixed(1))} ${unit.name}`;
}
