import { sumOf } from '../arithmetic.ts';
import { type Extraction, type ExtractionOptions, extractTogether } from './extract-features.ts';
import type { FeatureSet } from './feature-set.ts';
import { indexImages } from './index-images.ts';
import type { Augmenting } from './live-features.ts';
import type { Trunk } from './trunk.ts';

export interface VariantOptions extends ExtractionOptions {
  readonly augment: Augmenting;
  /** The number of variants of each image. They are stored like all features. */
  readonly variants: number;
}

/**
 * Computes features of images and of their augmented variants, with one more pass of the frozen trunk for each variant.
 * A training uses the original images in its first epoch, then one set of variants per epoch, and then repeats.
 * @param rows of the images that may train: training images, and validation images for a retraining. Only they have
 *   variants
 * @throws as extractFeatures
 */
export async function variantFeatures(
  trunk: Trunk,
  images: readonly string[],
  rows: readonly number[],
  { augment, variants, ...options }: VariantOptions,
): Promise<Extraction> {
  const trainImages = indexImages(rows.flatMap((row) => images[row] ?? []));
  const drawn = Array.from({ length: variants }, (_, index) => ({
    images: trainImages,
    variant: { ...augment, number: index + 1 },
  }));
  const [original, ...others] = await extractTogether(trunk, [{ images: indexImages(images) }, ...drawn], options);
  if (original === undefined) throw new TypeError('no features of the original images');
  const all = [original, ...others];
  return {
    features: interleave([original.features, ...others.map(({ features }) => ofRows(features, rows))]),
    cached: sumOf(all, ({ cached }) => cached),
    decoded: sumOf(all, ({ decoded }) => decoded),
    processor: original.processor,
  };
}

/** Cycles through the sets, one per epoch; uses the first if no epoch is given. */
export function interleave(sets: readonly FeatureSet[]): FeatureSet {
  const [first] = sets;
  if (first === undefined) throw new TypeError('no features to take turns');
  return {
    ...first,
    gather: (rows, epoch = 1) => (sets[(epoch - 1) % sets.length] ?? first).gather(rows),
    async close() {
      await Promise.all(sets.map((set) => set.close()));
    },
  };
}

/** Wraps a set that has only some rows, addressed by their row numbers in the whole set. */
function ofRows(features: FeatureSet, rows: readonly number[]): FeatureSet {
  const indexOf = new Map(rows.map((row, index) => [row, index]));
  return { ...features, gather: (wanted) => features.gather(wanted.flatMap((row) => indexOf.get(row) ?? [])) };
}
