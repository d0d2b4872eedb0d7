import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { compareMirrored } from '../../../../lib/pipeline/comparisons/compare-mirrored.ts';
import { type RandomStream, randomStream } from '../../../../lib/random.ts';
import { scratchFolder } from '../../../support/graft.ts';
import { trainingContext } from '../../../support/training-context.ts';

/** Images of each class. */
const IMAGES = 40;
/** Pixels along each side. */
const SIZE = 64;
const spec = { backbone: { inputSize: SIZE }, split: { train: 0.9, validation: 0.1, test: 0 } } as const;

/** The same images, with labels that say in which half a dark square is: left or right, and above or below. */
let leftOrRight: string;
let aboveOrBelow: string;

beforeAll(async () => {
  [leftOrRight, aboveOrBelow] = [scratchFolder({ until: 'file' }), scratchFolder({ until: 'file' })];
  const stream = randomStream(0, 'squares');
  for (let image = 0; image < 2 * IMAGES; image++) {
    const [isLeft, isAbove] = [image % 2 === 0, image % 4 < 2];
    const png = await draw(isLeft, isAbove, stream);
    await png.toFile(fileIn(join(leftOrRight, isLeft ? 'left' : 'right'), image));
    await png.toFile(fileIn(join(aboveOrBelow, isAbove ? 'above' : 'below'), image));
  }
});

function fileIn(folder: string, image: number): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${image}.png`);
}

/** Draws a dark square in a quarter of the image, and paler ones anywhere. */
async function draw(isLeft: boolean, isAbove: boolean, stream: RandomStream): Promise<Sharp> {
  const half = SIZE / 2;
  const square = (side: number, grey: number, left: number, top: number) => ({
    input: { create: { width: side, height: side, channels: 3, background: { r: grey, g: grey, b: grey } } } as const,
    left,
    top,
  });
  const pale = Array.from({ length: 6 }, () => square(10, 90 + stream.integer(120), stream.integer(54), stream.integer(54)));
  const place = (isFirst: boolean): number => (isFirst ? 0 : half) + stream.integer(half - 14);
  const dark = square(14, 20, place(isLeft), place(isAbove));
  const ground = { create: { width: SIZE, height: SIZE, channels: 3, background: '#ccc' } } as const;
  return sharp(
    await sharp(ground)
      .composite([...pale, dark])
      .png()
      .toBuffer(),
  );
}

describe('heads that are fitted to mirrored images as well', () => {
  test('are worse where a class depends on left and right', async () => {
    const mirror = await compareMirrored(await trainingContext(spec, leftOrRight));
    expect(mirror?.gain).toBeLessThan(-2 * (mirror?.standardError ?? 0));
  });

  test('are not where it does not', async () => {
    const mirror = await compareMirrored(await trainingContext(spec, aboveOrBelow));
    expect(mirror?.gain).toBeGreaterThan(-(mirror?.standardError ?? 0));
  });

  test('are not compared where all images belong together', async () => {
    const { dataset, ...rest } = await trainingContext(spec, leftOrRight);
    const context = { ...rest, dataset: { ...dataset, rows: dataset.rows.map((row) => ({ ...row, group: 'one' })) } };
    expect(await compareMirrored(context)).toBeUndefined();
  });
});
