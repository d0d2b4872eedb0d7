import { mean } from '../arithmetic.ts';
import type { ObjectStore } from '../ports.ts';
import { streamStoredImages } from './files/read-images.ts';

/** Mean and standard deviation of ImageNet's pixels, RGB 0..1, as used to train most of its networks (torchvision). */
const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
/** Colours hardly depend on the size. */
const SIZE = 64;

/**
 * Measures how far the colours of images are from those of ImageNet.
 * @param images SHA-256 of each image
 * @throws as streamStoredImages
 */
export async function measureColourDistance(
  images: readonly string[],
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<number> {
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  let count = 0;
  for await (const pixels of streamStoredImages(images, { inputSize: [SIZE, SIZE] }, store, signal)) {
    pixels.forEach((value, i) => {
      const channel = i % 3;
      sums[channel] = (sums[channel] ?? 0) + value / 255;
      squares[channel] = (squares[channel] ?? 0) + (value / 255) ** 2;
    });
    count += pixels.length / 3;
  }
  const means = sums.map((sum) => sum / count);
  return colourDistance({
    mean: means,
    deviation: squares.map((square, i) => Math.sqrt(Math.max(0, square / count - (means[i] ?? 0) ** 2))),
  });
}

interface Colours {
  /** Of red, green and blue, 0..1. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * The distance from ImageNet's colours: the root mean square of the differences of means and deviations, in units of
 * ImageNet's deviations.
 */
export function colourDistance(colours: Colours): number {
  const off = IMAGENET.deviation.flatMap((unit, channel) => [
    ((colours.mean[channel] ?? 0) - (IMAGENET.mean[channel] ?? 0)) / unit,
    ((colours.deviation[channel] ?? 0) - unit) / unit,
  ]);
  return Math.sqrt(mean(off.map((value) => value ** 2)));
}
