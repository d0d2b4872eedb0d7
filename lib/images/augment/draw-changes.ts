import type { AugmentStep } from '../../contracts/augment-spec.ts';
import { type RandomStream, randomStream } from '../../random.ts';
import type { ImageSize } from '../resize-bilinear.ts';
import { type Change, move, recolour } from './change.ts';
import { type Box, crop, flip, rotate, shear, translate, zoom } from './geometric.ts';
import { brightness, contrast, erase, hue, saturation } from './photometric.ts';
import { randAugment } from './rand-augment.ts';

/** Range of an erased rectangle's ratio of width to height. */
const HOLES = [0.3, 10 / 3] as const;

/** Returns the changes that a step makes to one image. All random numbers are drawn here. */
export function drawChanges(step: AugmentStep, size: ImageSize, stream: RandomStream): readonly Change[] {
  switch (step.transform) {
    case 'flip': {
      const mirrored = { horizontal: stream.next() < step.horizontal, vertical: stream.next() < step.vertical };
      return [move(flip(size, mirrored))];
    }
    case 'rotate':
      return [move(rotate(size, 2 * Math.PI * uniformAroundZero(stream, step.factor)), step.fill)];
    case 'zoom':
      return [move(zoom(size, 1 + uniformAroundZero(stream, step.factor)), step.fill)];
    case 'translate': {
      const shares = { down: uniformAroundZero(stream, step.heightFactor), right: uniformAroundZero(stream, step.widthFactor) };
      return [move(translate(size, shares), step.fill)];
    }
    case 'shear': {
      const shares = { across: uniformAroundZero(stream, step.factor), down: uniformAroundZero(stream, step.factor) };
      return [move(shear(size, shares), step.fill)];
    }
    case 'randomResizedCrop':
      return [move(crop(size, randomBox(stream, size, step)))];
    case 'brightness': {
      const delta = 255 * uniformAroundZero(stream, step.factor);
      return [recolour((pixels) => brightness(pixels, delta))];
    }
    case 'contrast': {
      const factor = 1 + uniformAroundZero(stream, step.factor);
      return [recolour((pixels) => contrast(pixels, factor))];
    }
    case 'saturation': {
      const factor = 1 + uniformAroundZero(stream, step.factor);
      return [recolour((pixels) => saturation(pixels, factor))];
    }
    case 'hue': {
      const turn = uniformAroundZero(stream, step.factor);
      return [recolour((pixels) => hue(pixels, turn))];
    }
    case 'erase': {
      if (stream.next() >= step.probability) return [];
      const { left, top, width, height } = randomBox(stream, size, { area: step.area, aspectRatio: HOLES });
      const box = { left: Math.round(left), top: Math.round(top), width: Math.floor(width), height: Math.floor(height) };
      const noise = stream.seed();
      return [recolour((pixels) => erase(pixels, size, box, randomStream(noise)))];
    }
    case 'randAugment':
      return randAugment(step, size, stream);
  }
}

/** Draws a number from a uniform distribution. */
function uniform({ next }: RandomStream, low: number, high: number): number {
  return low + (high - low) * next();
}

/** Draws a number from -`factor` to `factor`. */
function uniformAroundZero(stream: RandomStream, factor: number): number {
  return uniform(stream, -factor, factor);
}

/**
 * Draws a box at a random place, with a share of the image's area and a ratio of width to height. Neither side is
 * longer than the image's.
 */
function randomBox(
  stream: RandomStream,
  [height, width]: ImageSize,
  { area, aspectRatio }: { readonly area: readonly [number, number]; readonly aspectRatio: readonly [number, number] },
): Box {
  const pixels = uniform(stream, ...area) * height * width;
  // On a log scale, twice as wide as high and twice as high as wide are equally likely.
  const ratio = Math.exp(uniform(stream, Math.log(aspectRatio[0]), Math.log(aspectRatio[1])));
  const size = { width: Math.min(Math.sqrt(pixels * ratio), width), height: Math.min(Math.sqrt(pixels / ratio), height) };
  return { ...size, left: uniform(stream, 0, width - size.width), top: uniform(stream, 0, height - size.height) };
}
