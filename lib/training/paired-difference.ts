import { mean, sampleDeviation } from '../arithmetic.ts';

/** Whether two models differ by more than chance on the same images. */

/** How much lower one model's loss is than another's. */
export interface Difference {
  /** The mean over the images; above 0 where the first has the lower losses. */
  readonly gain: number;
  /** Of the mean, from the spread of the images' own differences: what both find hard does not count. */
  readonly standardError: number;
  readonly images: number;
}

/** @param losses of each image @param reference of the same images, in the same order */
export function pairedDifference(losses: ArrayLike<number>, reference: ArrayLike<number>): Difference {
  const gains = Float64Array.from(losses, (loss, i) => (reference[i] ?? 0) - loss);
  return { gain: mean(gains), standardError: standardError(gains), images: gains.length };
}

/** Of the mean; infinite of fewer than two values, which say nothing of chance. */
export function standardError(values: Float64Array): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  return sampleDeviation(values) / Math.sqrt(values.length);
}
