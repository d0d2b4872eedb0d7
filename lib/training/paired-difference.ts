import { at, mean, sampleDeviation, sumOf } from '../arithmetic.ts';

/** Compares two models by their losses or errors on the same images. */

/** The difference between two models' losses or errors. */
export interface PairedDifference {
  /** The mean over the images, by their weights; above 0 if the first model is better. */
  readonly gain: number;
  /**
   * Standard error of the mean, from the differences of the single images, so that images which are hard for both do
   * not count. Related images count as one: frames of a video differ less among themselves than from other images, so
   * their number would say more than they do. Infinite for a single image or set of related images.
   */
  readonly standardError: number;
  readonly images: number;
}

/** Images that belong together, such as the frames of a video: for each set of two or more, their indices. */
export type RelatedImages = readonly (readonly number[])[];

/** How the images of a comparison count. */
export interface ComparedImages {
  /** Default: no images are related. */
  readonly related?: RelatedImages;
  /** [images], with a mean of 1; default: all images count the same. */
  readonly weights?: Float64Array | undefined;
}

/**
 * Compares two models by their losses.
 * @param losses of each image
 * @param reference losses of the same images, in the same order
 */
export function lossDifference(
  losses: ArrayLike<number>,
  reference: ArrayLike<number>,
  compared: ComparedImages = {},
): PairedDifference {
  const gains = Float64Array.from(losses, (loss, i) => (reference[i] ?? 0) - loss);
  return {
    gain: weightedMean(gains, compared.weights),
    standardError: standardError(gains, compared),
    images: gains.length,
  };
}

/**
 * Compares two models by their errors, as McNemar's test does: only images count that one of the two gets wrong. With
 * its correction for counts (Edwards, 1948), the standard error is larger by one image, so that one image shows nothing.
 * Of related images, the sum counts (Obuchowski, On the comparison of correlated proportions for clustered data, 1998),
 * and the correction is the largest sum, so that one set, or one image with a large weight, shows nothing either.
 * @param errors of each image, 1 or 0
 * @param reference errors of the same images, in the same order
 */
export function errorDifference(
  errors: ArrayLike<number>,
  reference: ArrayLike<number>,
  { related = [], weights }: ComparedImages = {},
): PairedDifference {
  const gains = weighted(
    Float64Array.from(errors, (error, i) => (reference[i] ?? 0) - error),
    weights,
  );
  const { length: images } = gains;
  const sums = sumSets(gains, related);
  if (sums.length < 2) return { gain: mean(gains), standardError: Number.POSITIVE_INFINITY, images };
  const correction = sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 1);
  const deviation = Math.sqrt(sumOf(sums, (sum) => sum ** 2));
  return { gain: mean(gains), standardError: (deviation + correction) / images, images };
}

/**
 * Standard error of the mean; infinite for fewer than two values or sets of related ones. With related values or
 * weights, the cluster-robust one, with its factor for few sets (Cameron & Miller, A practitioner's guide to
 * cluster-robust inference, 2015): it assumes nothing about how the values of a set depend on each other.
 */
export function standardError(values: Float64Array, { related = [], weights }: ComparedImages = {}): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  // The same number as below, which may differ in its last bit.
  if (related.length === 0 && weights === undefined) return sampleDeviation(values) / Math.sqrt(values.length);
  const centre = weightedMean(values, weights);
  const residuals = values.map((value) => value - centre);
  const sums = sumSets(weighted(residuals, weights), related);
  const sets = sums.length;
  if (sets < 2) return Number.POSITIVE_INFINITY;
  return Math.sqrt((sets / (sets - 1)) * sumOf(sums, (sum) => sum ** 2)) / values.length;
}

/**
 * By how much a mean may be worse by chance: its standard error. Images that all belong together show nothing about
 * chance, so that their mean is all the evidence there is: 0.
 */
export function chanceOf(standardError: number): number {
  return Number.isFinite(standardError) ? standardError : 0;
}

/** Describes a standard error in a clause. */
export function describeChance(standardError: number): string {
  return Number.isFinite(standardError)
    ? `standard error ${standardError.toFixed(3)}`
    : 'which may be chance because all images belong together';
}

/** @param weights with a mean of 1; undefined if all values count the same */
export function weightedMean(values: Float64Array, weights: ComparedImages['weights']): number {
  return mean(weighted(values, weights));
}

function weighted(values: Float64Array, weights: ComparedImages['weights']): Float64Array {
  return weights === undefined ? values : values.map((value, i) => value * at(weights, i));
}

/** The sum of the values of each set, and each value that is in no set. */
function sumSets(values: Float64Array, related: RelatedImages): number[] {
  const inSets = new Set(related.flat());
  const sums = related.map((set) => sumOf(set, (index) => at(values, index)));
  return [...sums, ...[...values].filter((_, index) => !inSets.has(index))];
}
