import type { ModelCard } from '../contracts/model-card.ts';
import type { NetworkInput } from '../contracts/network-input.ts';
import { type ImagePart, type ImageSize, resizeBilinear } from './resize-bilinear.ts';
import type { RgbImage } from './rgb-image.ts';

/** The input of a published model, by its card. */
export function networkInput({ height, width, cropToAspectRatio }: ModelCard['input']): NetworkInput {
  return { inputSize: [height, width], cropToAspectRatio };
}

/** A part of an image: in pixels, or as shares of the image's width and height. */
export type CropWindow = ImagePart;

/**
 * The largest window in the middle of an image with the aspect ratio of a network's input, as Keras's
 * `crop_to_aspect_ratio` chooses it (keras.ops.image.resize).
 * @returns the window in pixels
 */
export function cropWindow(
  { width, height }: Pick<RgbImage, 'width' | 'height'>,
  [inputHeight, inputWidth]: ImageSize,
): CropWindow {
  const wanted = {
    width: Math.min(width, Math.max(1, Math.floor((height * inputWidth) / inputHeight))),
    height: Math.min(height, Math.max(1, Math.floor((width * inputHeight) / inputWidth))),
  };
  return { left: Math.floor((width - wanted.width) / 2), top: Math.floor((height - wanted.height) / 2), ...wanted };
}

/**
 * Resizes an image to a network's input.
 * @returns float32 [height, width, 3], RGB 0..255
 */
export function fitToInput(image: RgbImage, { inputSize, cropToAspectRatio = false }: NetworkInput): Float32Array {
  return resizeBilinear(image, inputSize, undefined, cropToAspectRatio ? cropWindow(image, inputSize) : undefined);
}

/** What a network sees of an image, as shares of the image's width and height; undefined if it sees all of it. */
export function visiblePart(image: Pick<RgbImage, 'width' | 'height'>, input: NetworkInput): CropWindow | undefined {
  if (input.cropToAspectRatio !== true) return undefined;
  const { left, top, width, height } = cropWindow(image, input.inputSize);
  if (width === image.width && height === image.height) return undefined;
  return {
    left: left / image.width,
    top: top / image.height,
    width: width / image.width,
    height: height / image.height,
  };
}
