import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { randomStream } from '../../lib/random.ts';

/** Side in pixels of a square of one colour. */
const GRAIN = 8;

/** Writes class folders with PNG images of coloured squares; the same arguments give the same images. */
export async function drawImages(
  folder: string,
  { count, classes, side }: { readonly count: number; readonly classes: number; readonly side: number },
): Promise<void> {
  const grains = Math.ceil(side / GRAIN);
  const folders = Array.from({ length: classes }, (_, index) => join(folder, `class-${index}`));
  await Promise.all(folders.map((each) => mkdir(each, { recursive: true })));
  for (let index = 0; index < count; index++) {
    const random = randomStream(index, 'squares', side);
    const colours = Uint8Array.from({ length: grains * grains * 3 }, () => random.integer(256));
    await sharp(colours, { raw: { width: grains, height: grains, channels: 3 } })
      .resize(side, side, { kernel: 'nearest' })
      .png({ compressionLevel: 1 })
      .toFile(join(folders[index % classes] ?? folder, `${index}.png`));
  }
}
