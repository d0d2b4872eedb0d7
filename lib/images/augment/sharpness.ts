import type { ImageSize } from '../resize-bilinear.ts';
import { clip } from './clip.ts';

/** Between a smoothed image (0) and the image itself (1), and beyond it. The rim stays as it is, as in Pillow. */
export function sharpness(pixels: Float32Array, [height, width]: ImageSize, factor: number): void {
  if (factor === 1) return;
  const row = width * 3;
  const source = pixels.slice();
  const at = (i: number): number => source[i] ?? 0;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3; i < (y + 1) * row - 3; i++) {
      const above = at(i - row - 3) + at(i - row) + at(i - row + 3);
      const below = at(i + row - 3) + at(i + row) + at(i + row + 3);
      const smooth = (above + at(i - 3) + 5 * at(i) + at(i + 3) + below) / 13;
      pixels[i] = clip(smooth + (at(i) - smooth) * factor);
    }
  }
}
