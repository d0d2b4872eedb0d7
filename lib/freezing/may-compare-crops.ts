import type { JobSpec } from '../contracts/job-spec.ts';
import { cropWindow } from '../images/fit-to-input.ts';
import type { ImageSize } from '../images/resize-bilinear.ts';

/** With fewer training images, the standard error exceeds what a crop can gain. */
export const FEWEST_TO_COMPARE_CROPS = 50;

/** Below this share of an image, a cropped and a squeezed image are almost the same. */
const LEAST_LEFT_OUT = 0.02;

/**
 * Whether a job compares cropped images with squeezed ones, if the images differ from the input in aspect ratio: strategy
 * `auto` does, where the spec leaves the choice to it.
 */
export function mayCompareCrops({ task, strategy, freeze, search, backbone }: JobSpec): boolean {
  if (task === 'one-class' || strategy !== 'auto' || freeze !== undefined) return false;
  const isSearched = Object.keys(search?.over ?? {}).some((path) => path.split('.')[0] === 'backbone');
  return backbone.cropToAspectRatio === undefined && !isSearched;
}

/** Whether a crop leaves out enough of the images, on average, for a comparison. @param sizes in pixels */
export function leavesOutEnough(
  sizes: readonly { readonly width: number; readonly height: number }[],
  inputSize: ImageSize,
): boolean {
  let leftOut = 0;
  for (const size of sizes) {
    const { width, height } = cropWindow(size, inputSize);
    leftOut += 1 - (width * height) / (size.width * size.height);
  }
  return leftOut >= LEAST_LEFT_OUT * Math.max(1, sizes.length);
}
