import { mean, sampleDeviation, sumOf } from '../arithmetic.ts';

/** Compares two models by their losses or errors on the same images. */

/** The difference between two models' losses or errors. */
export interface Difference {
  /** The mean over the images; above 0 if the first model is better. */
  readonly gain: number;
  /**
   * Standard error of the mean, from the differences of the single images, so that images which are hard for both do
   * not count.
   */
  readonly standardError: number;
  readonly images: number;
}

/**
 * Compares two models by their losses.
 * @param losses of each image
 * @param reference losses of the same images, in the same order
 */
export function pairedDifference(losses: ArrayLike<number>, reference: ArrayLike<number>): Difference {
  const gains = Float64Array.from(losses, (loss, i) => (reference[i] ?? 0) - loss);
  return { gain: mean(gains), standardError: standardError(gains), images: gains.length };
}

/**
 * Compares two models by their errors, as McNemar's test does: only images count that one of the two gets wrong. With
 * its correction for counts (Edwards, 1948), the standard error is larger by one image, so that one image shows nothing.
 * @param errors of each image, 1 or 0
 * @param reference errors of the same images, in the same order
 */
export function errorDifference(errors: ArrayLike<number>, reference: ArrayLike<number>): Difference {
  const gains = Float64Array.from(errors, (error, i) => (reference[i] ?? 0) - error);
  const changed = sumOf(gains, Math.abs);
  const { length: images } = gains;
  return { gain: mean(gains), standardError: images < 2 ? Number.POSITIVE_INFINITY : (Math.sqrt(changed) + 1) / images, images };
}

/** Standard error of the mean; infinite for fewer than two values. */
export function standardError(values: Float64Array): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  return sampleDeviation(values) / Math.sqrt(values.length);
}
