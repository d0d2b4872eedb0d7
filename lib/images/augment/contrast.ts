import { clip } from './clip.ts';

/** Multiplies the distance of every value from its channel's mean. */
export function contrast(pixels: Float32Array, factor: number): void {
  for (let channel = 0; channel < 3; channel++) {
    let sum = 0;
    for (let i = channel; i < pixels.length; i += 3) sum += pixels[i] ?? 0;
    const mean = (3 * sum) / pixels.length;
    for (let i = channel; i < pixels.length; i += 3) pixels[i] = clip(mean + ((pixels[i] ?? 0) - mean) * factor);
  }
}
