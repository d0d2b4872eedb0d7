import type { BackboneSpec } from '../contracts/job-spec.ts';
import { everyRow } from '../training/examples.ts';
import { type Extraction, type ExtractionOptions, extractFeatures, extractTogether, type Variant } from './extract-features.ts';
import { indexImages } from './index-images.ts';
import { openTrunk } from './open-trunk.ts';
import type { Trunk } from './trunk.ts';

/** The features of all stages of a frozen backbone: each image has a vector. */
export interface StageFeatures {
  readonly trunk: Trunk;
  /** float32 [images, ...featureShape] */
  readonly inputs: Float32Array;
}

/**
 * Computes and stores the features of all stages for some images, and reads them into memory.
 * @param images SHA-256 of each image
 * @throws as openTrunk and extractFeatures
 */
export async function readStageFeatures(
  backbone: BackboneSpec,
  images: readonly string[],
  options: ExtractionOptions,
): Promise<StageFeatures> {
  const trunk = await openTrunk(backbone, { cut: 'stages', pooling: undefined }, options.store, options.signal);
  return { trunk, inputs: await readFeatures(trunk, images, options) };
}

/**
 * Computes and stores the features of some images, and reads them into memory.
 * @param images SHA-256 of each image
 * @returns float32 [images, ...featureShape]
 * @throws as extractFeatures
 */
export async function readFeatures(trunk: Trunk, images: readonly string[], options: ExtractionOptions): Promise<Float32Array> {
  return readAll(await extractFeatures(trunk, images, options));
}

/** As `readFeatures`, for a random variant of each image. */
export async function readVariantFeatures(
  trunk: Trunk,
  images: readonly string[],
  variant: Variant,
  options: ExtractionOptions,
): Promise<Float32Array> {
  const [extraction] = await extractTogether(trunk, [{ images: indexImages(images), variant }], options);
  if (extraction === undefined) throw new TypeError('no features of the only set');
  return readAll(extraction);
}

async function readAll({ features }: Extraction): Promise<Float32Array> {
  try {
    return await features.gather(everyRow(features));
  } finally {
    await features.close();
  }
}
