import { sum } from '../arithmetic.ts';
import { closeOnFailure } from './close-on-failure.ts';
import { type Extraction, type ExtractionOptions, extractFeatures } from './extract-features.ts';
import type { FeatureSet } from './feature-set.ts';
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
 * @param original features of all images; closed with the result, or if this fails
 * @param rows of the training images; only they have variants
 * @throws as extractFeatures
 */
export async function variantFeatures(
  trunk: Trunk,
  images: readonly string[],
  original: Extraction,
  rows: readonly number[],
  { augment, variants, ...options }: VariantOptions,
): Promise<Extraction> {
  const trainImages = rows.flatMap((row) => images[row] ?? []);
  const turns = [original];
  const opened = { close: async () => void (await Promise.all(turns.map(({ features }) => features.close()))) };
  await closeOnFailure(opened, async () => {
    for (let number = 1; number <= variants; number++) {
      const drawn = await extractFeatures(trunk, trainImages, { ...options, variant: { ...augment, number } });
      turns.push({ ...drawn, features: ofRows(drawn.features, rows) });
    }
  });
  const total = (of: 'cached' | 'decoded') => sum(turns.map((turn) => turn[of]));
  const processors = [...new Set(turns.flatMap((turn) => turn.processors))].sort();
  return {
    features: interleave(turns.map(({ features }) => features)),
    cached: total('cached'),
    decoded: total('decoded'),
    processors,
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
  const places = new Map(rows.map((row, place) => [row, place]));
  return { ...features, gather: (wanted) => features.gather(wanted.flatMap((row) => places.get(row) ?? [])) };
}
