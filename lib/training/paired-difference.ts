import { mean, sampleDeviation } from '../arithmetic.ts';

/** Compares two models by their losses on the same images. */

/** The difference between two models' losses. */
export interface Difference {
  /** The mean over the images; above 0 if the first model has the lower losses. */
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

/** Standard error of the mean; infinite for fewer than two values. */
export function standardError(values: Float64Array): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  return sampleDeviation(values) / Math.sqrt(values.length);
}
