import type { NetworkInput } from '../../contracts/network-input.ts';
import { fitToInput, visiblePart } from '../../images/fit-to-input.ts';
import type { RgbImage } from '../../images/rgb-image.ts';

/** The input of the default backbone, and of most others. */
const USUAL_SIDE = 224;
/** Smaller images are decoded again about as fast as their inputs are made, written and read. */
const FEWEST_PIXELS = 1.5e6;

/** An image as the input of networks. */
export interface FittedInput {
  readonly input: NetworkInput;
  /** As `fitToInput` returns them. */
  readonly pixels: Float32Array;
}

/**
 * Resizes a large image to the input that a training probably takes, because decoding it once more would take long:
 * squeezed, and also cropped if its aspect ratio is another one.
 * @returns none for a small image
 */
export function fitToUsualInput(image: RgbImage): FittedInput[] {
  if (image.width * image.height < FEWEST_PIXELS) return [];
  const squeezed: NetworkInput = { inputSize: [USUAL_SIDE, USUAL_SIDE] };
  const cropped: NetworkInput = { ...squeezed, cropToAspectRatio: true };
  const inputs = visiblePart(image, cropped) === undefined ? [squeezed] : [squeezed, cropped];
  return inputs.map((input) => ({ input, pixels: fitToInput(image, input) }));
}
