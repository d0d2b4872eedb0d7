import type { Preprocessing } from '../../../lib/contracts/preprocessing.ts';
import { fnv1a, mulberry32 } from '../../../lib/random.ts';

/** The two synthetic images that every golden is made from: RGB 0..255, [height, width, 3]. */
export const goldenImages = {
  noise(prefix: string, height: number, width: number): Uint8Array {
    const draw = mulberry32(fnv1a(`${prefix}input`));
    return Uint8Array.from({ length: height * width * 3 }, () => Math.floor(draw() * 256));
  },
  /** A triangle wave that runs at another slope in each channel and direction. */
  gradient(prefix: string, height: number, width: number): Uint8Array {
    const origin = fnv1a(`${prefix}gradient`) % 510;
    return Uint8Array.from({ length: height * width * 3 }, (_, i) => {
      const c = i % 3;
      const column = Math.floor(i / 3) % width;
      const row = Math.floor(i / 3 / width);
      const t = (origin + row * (3 + 2 * c) + column * (7 - 2 * c)) % 510;
      return t > 255 ? 510 - t : t;
    });
  },
};
export type GoldenImage = keyof typeof goldenImages;

/** float32 of the same shape, as the network takes it. */
export function preprocess(pixels: Uint8Array, { channels, scale, offset }: Preprocessing): Float32Array {
  return Float32Array.from(pixels, (_, i) => {
    const c = i % 3;
    const pixel = pixels[channels === 'rgb' ? i : i - c + (2 - c)] as number;
    return pixel * (scale[c] as number) + (offset[c] as number);
  });
}
