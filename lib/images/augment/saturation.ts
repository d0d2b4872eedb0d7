import { clip } from './clip.ts';

/** Multiplies the saturation of every pixel, as HSV has it, up to its end. Hue and value stay. */
export function saturation(pixels: Float32Array, factor: number): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i] ?? 0, pixels[i + 1] ?? 0, pixels[i + 2] ?? 0];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    if (chroma === 0) continue;
    const scale = Math.min(factor, value / chroma);
    pixels[i] = clip(value - (value - red) * scale);
    pixels[i + 1] = clip(value - (value - green) * scale);
    pixels[i + 2] = clip(value - (value - blue) * scale);
  }
}
