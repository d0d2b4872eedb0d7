import { clip } from './clip.ts';

/** Adds a number of 0..255 to every value. */
export function brightness(pixels: Float32Array, delta: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = clip((pixels[i] ?? 0) + delta);
}
