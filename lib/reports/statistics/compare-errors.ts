import { sumOf } from '../../arithmetic.ts';
import { chiSquaredTail } from './chi-squared.ts';
import { effectiveCount, type ImageGroups, imagesByGroup } from './image-groups.ts';
import { type McNemarResult, mcnemar, mcnemarDifference } from './mcnemar.ts';

/** The most steps of an exact test: a fraction of a second. With more, the normal distribution is as good. */
const MOST_STEPS = 5e7;

/**
 * Compares two classifiers by their errors on the same images: by McNemar's test, or where images are related, by the
 * same test on groups.
 * @param gains [images]: 1 if only the first classifier is right, -1 if only the second is, else 0
 */
export function compareErrors(gains: readonly number[], groups: ImageGroups): McNemarResult {
  if (groups === undefined) return mcnemar(...onlyOne(gains));
  const sums = imagesByGroup(groups).map((images) => sumOf(images, (image) => gains[image] ?? 0));
  return { ...flipSigns(sums), difference: meanGain(gains, groups) };
}

/**
 * The mean of gains, with the interval of Bonett and Price. Related images count as the number of unrelated ones that
 * say as much.
 * @param gains as `compareErrors`
 */
export function meanGain(gains: readonly number[], groups: ImageGroups): McNemarResult['difference'] {
  const [onlyFirst, onlySecond, images] = onlyOne(gains);
  const difference = mcnemarDifference(onlyFirst, onlySecond, images);
  if (groups === undefined) return difference;
  const share = effectiveCount(gains, groups) / images;
  return { ...mcnemarDifference(share * onlyFirst, share * onlySecond, share * images), value: difference.value };
}

function onlyOne(gains: readonly number[]): [onlyFirst: number, onlySecond: number, images: number] {
  return [gains.filter((gain) => gain > 0).length, gains.filter((gain) => gain < 0).length, gains.length];
}

/**
 * The exact test of the sum of numbers each of which is as likely to have the other sign (Fisher, The Design of
 * Experiments, 1935): McNemar's test if all are 1, -1 or 0. With many, the normal distribution of that sum (Obuchowski, On
 * the comparison of correlated proportions for clustered data, 1998).
 * @param sums integers
 */
function flipSigns(sums: readonly number[]): Pick<McNemarResult, 'exact' | 'midP'> {
  const sizes = sums.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return { exact: 1, midP: 1 };
  const total = sumOf(sizes, (size) => size);
  const found = Math.abs(sumOf(sums, (sum) => sum));
  // The sum is the total without twice the numbers that have the other sign: no more than `fewer` add up to these.
  const fewer = (total - found) / 2;
  if (sizes.length * fewer > MOST_STEPS) {
    const p = chiSquaredTail(found ** 2 / sumOf(sizes, (size) => size ** 2), 1);
    return { exact: p, midP: p };
  }
  const shares = new Float64Array(fewer + 1);
  shares[0] = 1;
  for (const size of sizes)
    for (let sum = fewer; sum >= 0; sum--) shares[sum] = ((shares[sum] ?? 0) + (sum < size ? 0 : (shares[sum - size] ?? 0))) / 2;
  const atFewer = shares[fewer] ?? 0;
  const exact = Math.min(1, 2 * sumOf(shares, (share) => share));
  return { exact, midP: found === 0 ? 1 - atFewer / 2 : exact - atFewer };
}
