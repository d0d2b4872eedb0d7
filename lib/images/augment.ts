import { createHash } from 'node:crypto';
import type { AugmentPreset, AugmentStep } from '../contracts/augment-spec.ts';
import { type RandomStream, randomStream } from '../random.ts';
import type { Change } from './augment/change.ts';
import { drawChanges } from './augment/draw-changes.ts';
import { compose, isIdentity } from './augment/geometric.ts';
import { augmentSteps } from './augment/presets.ts';
import { warp } from './augment/warp.ts';
import type { ImageSize } from './resize-bilinear.ts';

/** An augmentation: the name of a preset, or a list of steps. */
export type Augmentation = AugmentPreset | readonly AugmentStep[];

/** Raise it when the same augmentation gives different pixels. Cached features of variants are then computed again. */
const AUGMENT_VERSION = 1;

/**
 * Makes a variant of an image: applies the augmentation's steps in order, with random numbers from `stream`.
 * Consecutive steps that move pixels are combined, so that the image is sampled once.
 * @param pixels float32 [height, width, 3], RGB 0..255; not modified
 * @returns float32 [height, width, 3], RGB 0..255, in new memory
 */
export function augmentImage(
  pixels: Float32Array,
  size: ImageSize,
  augmentation: Augmentation,
  stream: RandomStream,
): Float32Array {
  const changes = augmentSteps(augmentation).flatMap((step) => drawChanges(step, size, stream));
  let image: Float32Array = pixels.slice();
  for (const change of joinMoves(changes)) {
    if (change.kind === 'recolour') change.apply(image, size);
    else if (!isIdentity(change.map)) image = warp(image, size, change.map, change.fill);
  }
  return image;
}

/**
 * Returns the random stream of an image's variant.
 * @param image SHA-256 of the image's file
 * @param variant the epoch, or the number of a variant that is drawn once and kept
 */
export function variantStream(seed: number, image: string, variant: number): RandomStream {
  return randomStream(seed, 'augment', image, variant);
}

/**
 * Returns a name for everything that a variant depends on except the image. It is part of the key of cached results.
 * @returns `original` if the augmentation does nothing
 */
export function variantName(augmentation: Augmentation, variant: number, seed = 0): string {
  const steps = augmentSteps(augmentation);
  if (steps.length === 0) return 'original';
  const digest = createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 16);
  return `augment${AUGMENT_VERSION}-${digest}-seed${seed}-${variant}`;
}

/** Combines consecutive moves that have the same fill into one. */
function joinMoves(changes: readonly Change[]): readonly Change[] {
  const joined: Change[] = [];
  for (const change of changes) {
    const before = joined.at(-1);
    const joins = change.kind === 'move' && before?.kind === 'move' && before.fill === change.fill;
    if (joins) joined.splice(-1, 1, { ...change, map: compose(before.map, change.map) });
    else joined.push(change);
  }
  return joined;
}
