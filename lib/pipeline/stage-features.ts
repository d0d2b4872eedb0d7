import type { BackboneSpec } from '../contracts/job-spec.ts';
import { type ExtractionOptions, extractFeatures } from '../features/extract-features.ts';
import { openTrunk, type Trunk } from '../features/trunk.ts';

/** The features of some images, in memory. */
export interface ReadFeatures {
  /** float32 [images, ...featureShape] */
  readonly inputs: Float32Array;
  /** Number of images whose features were not cached. */
  readonly decoded: number;
}

/** The features of all stages of a frozen backbone: each image has a vector. */
export interface StageFeatures extends ReadFeatures {
  readonly trunk: Trunk;
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
  const trunk = await openTrunk(backbone, { cut: 'stages', pooling: undefined }, options.store);
  return { trunk, ...(await readFeatures(trunk, images, options)) };
}

/**
 * Computes and stores the features of some images, and reads them into memory.
 * @param images SHA-256 of each image
 * @throws as extractFeatures
 */
export async function readFeatures(trunk: Trunk, images: readonly string[], options: ExtractionOptions): Promise<ReadFeatures> {
  const { features, decoded } = await extractFeatures(trunk, images, options);
  try {
    return { inputs: await features.gather([...images.keys()]), decoded };
  } finally {
    await features.close();
  }
}
