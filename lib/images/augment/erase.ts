import type { RandomStream } from '../../random.ts';
import type { ImageSize } from '../resize-bilinear.ts';
import type { Box } from './crop.ts';

/** Puts noise into a rectangle of whole pixels (Random Erasing: Zhong et al., arXiv:1708.04896). */
export function erase(pixels: Float32Array, [, width]: ImageSize, box: Box, { next }: RandomStream): void {
  for (let y = box.top; y < box.top + box.height; y++) {
    const start = (y * width + box.left) * 3;
    for (let i = start; i < start + box.width * 3; i++) pixels[i] = 255 * next();
  }
}
