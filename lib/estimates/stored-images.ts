import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { TrunkEnd } from '../features/trunk.ts';

/** Numbers of images whose features at the end of a trunk are stored, of squeezed and of cropped images. */
export interface StoredImages {
  readonly squeezed: number;
  readonly cropped: number;
}

/** How a job fits its images to the backbone's input: `either` if it compares both. */
export type FitToInput = 'squeezed' | 'cropped' | 'either';

/** The way of a job that compares both, or does what its backbone says: without `cropToAspectRatio`, it squeezes. */
export function fitOf({ cropToAspectRatio: crops = false }: BackboneSpec, comparesCrops: boolean): FitToInput {
  if (comparesCrops) return 'either';
  return crops ? 'cropped' : 'squeezed';
}

/** The numbers for a way to fit images: of `either`, the larger one probably counts, and the smaller one surely. */
export function storedFor(stored: StoredImages, fit: FitToInput): { readonly likely: number; readonly sure: number } {
  const { squeezed, cropped } = stored;
  if (fit === 'either') return { likely: Math.max(squeezed, cropped), sure: Math.min(squeezed, cropped) };
  return { likely: stored[fit], sure: stored[fit] };
}

/** What is stored both squeezed and cropped: what a job surely finds whichever it chooses. */
export function storedBothWays(storedOf: StoredImagesOf): StoredImagesOf {
  return (backbone, end) => {
    const { sure } = storedFor(storedOf(backbone, end), 'either');
    return { squeezed: sure, cropped: sure };
  };
}

/** Looks up what is stored for a backbone and the end of its trunk. */
export type StoredImagesOf = (backbone: BackboneSpec, end: TrunkEnd) => StoredImages;

export const NO_IMAGES: StoredImages = { squeezed: 0, cropped: 0 };

export const noneStored: StoredImagesOf = () => NO_IMAGES;
