import { Z95 } from '../../training/metrics/wilson-interval.ts';
import type { Interval } from './interval.ts';

/** A comparison of two classifiers on the same images. */
export interface McNemarResult {
  /** Exact two-sided p-value of the binomial test on the images that only one of the two gets right. */
  readonly exact: number;
  /** The mid-p value, which is less conservative. */
  readonly midP: number;
  /** Accuracy of the first minus that of the second, with a 95% interval (Bonett & Price, 2012). */
  readonly difference: Interval & { readonly value: number };
}

/**
 * McNemar's test (Fagerland, Lydersen & Laake, BMC Medical Research Methodology 13:91, 2013).
 * @param onlyFirst number of images that only the first classifier gets right
 * @param onlySecond number of images that only the second gets right
 * @param images number of all images
 */
export function mcnemar(onlyFirst: number, onlySecond: number, images: number): McNemarResult {
  const discordant = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // The logarithm of the probability of k heads in as many throws of a coin, from that of k - 1.
  let log = -discordant * Math.LN2;
  let tail = Math.exp(log);
  for (let k = 1; k <= fewer; k++) {
    log += Math.log((discordant - k + 1) / k);
    tail += Math.exp(log);
  }
  const atFewer = Math.exp(log);
  const exact = Math.min(1, 2 * tail);
  // Without any discordant image there is no evidence at all, and the formula for equal counts would give 0.5.
  const midP = discordant === 0 ? 1 : onlyFirst === onlySecond ? 1 - atFewer / 2 : exact - atFewer;
  return { exact, midP, difference: mcnemarDifference(onlyFirst, onlySecond, images) };
}

/** The difference of McNemar's test alone: the p-values take time in proportion to the numbers. Arguments as there. */
export function mcnemarDifference(onlyFirst: number, onlySecond: number, images: number): McNemarResult['difference'] {
  const value = images === 0 ? 0 : (onlyFirst - onlySecond) / images;
  const first = (onlyFirst + 1) / (images + 2);
  const second = (onlySecond + 1) / (images + 2);
  const half = Z95 * Math.sqrt((first + second - (first - second) ** 2) / (images + 2));
  return { value, low: Math.max(-1, first - second - half), high: Math.min(1, first - second + half) };
}
