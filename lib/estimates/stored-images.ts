import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { TrunkEnd } from '../features/trunk.ts';

/** Numbers of images whose features at the end of a trunk are stored, of squeezed and of cropped images. */
export interface StoredImages {
  readonly squeezed: number;
  readonly cropped: number;
}

/** The number for a backbone that squeezes or crops images; of both, if the job has not decided. */
export function storedFor({ squeezed, cropped }: StoredImages, { cropToAspectRatio: crops }: BackboneSpec): number {
  if (crops === undefined) return Math.max(squeezed, cropped);
  return crops ? cropped : squeezed;
}

/** Looks up what is stored for a backbone and the end of its trunk. */
export type StoredFeatures = (backbone: BackboneSpec, end: TrunkEnd) => StoredImages;

export const NO_IMAGES: StoredImages = { squeezed: 0, cropped: 0 };

export const nothingStored: StoredFeatures = () => NO_IMAGES;
