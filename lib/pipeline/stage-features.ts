import type { BackboneSpec } from '../contracts/job-spec.ts';
import { type ExtractionOptions, extractFeatures } from '../features/extract-features.ts';
import { openTrunk, type Trunk } from '../features/trunk.ts';

/** The features of all stages of a frozen backbone. */
export interface StageFeatures {
  readonly trunk: Trunk;
  /** float32 [images, width] */
  readonly inputs: Float32Array;
  /** Number of images whose features were not cached. */
  readonly decoded: number;
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
  const { features, decoded } = await extractFeatures(trunk, images, options);
  try {
    return { trunk, inputs: await features.gather([...images.keys()]), decoded };
  } finally {
    await features.close();
  }
}
