/** Images joined from halves of two classes: an explanation of each class should point to its own half. */
import sharp from 'sharp';
import type { Model } from '../../../lib/library/model.ts';
import { randomStream } from '../../../lib/random.ts';

/** An image whose left half is of one class, and whose right half is of another. */
export interface JoinedImage {
  readonly left: string;
  readonly right: string;
  readonly bytes: Uint8Array;
}

const SIDE = 256;

/**
 * Joins halves of images of different classes, which a seed chooses.
 * @param images files by label
 */
export async function joinHalves(
  images: ReadonlyMap<string, readonly string[]>,
  count: number,
  seed = 0,
): Promise<JoinedImage[]> {
  const { next } = randomStream(seed, 0);
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[Math.floor(next() * from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  };
  const joined: JoinedImage[] = [];
  while (joined.length < count) {
    const left = pick([...images.keys()]);
    const right = pick([...images.keys()].filter((label) => label !== left));
    const [leftFile, rightFile] = [left, right].map((label) => pick(images.get(label) ?? []));
    const halves = [
      { input: await half(leftFile, 0), left: 0, top: 0 },
      { input: await half(rightFile, SIDE / 2), left: SIDE / 2, top: 0 },
    ];
    const whole = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'black' } });
    joined.push({ left, right, bytes: await whole.composite(halves).png().toBuffer() });
  }
  return joined;
}

async function half(file: string | undefined, left: number): Promise<Buffer> {
  return sharp(file)
    .resize(SIDE, SIDE, { fit: 'fill' })
    .extract({ left, top: 0, width: SIDE / 2, height: SIDE })
    .png()
    .toBuffer();
}

/** Explains both classes of each image. @returns the share of the heat for a class that lies in its own half */
export async function heatInOwnHalf(model: Model, images: readonly JoinedImage[]): Promise<number[]> {
  const shares: number[] = [];
  for (const { left, right, bytes } of images) {
    for (const label of [left, right]) {
      const { explanation } = await model.predict(bytes, { explain: { label } });
      const inLeft = shareInLeftHalf(explanation?.heat ?? []);
      shares.push(label === left ? inLeft : 1 - inLeft);
    }
  }
  return shares;
}

/** A column in the middle counts half. */
function shareInLeftHalf(heat: readonly (readonly number[])[]): number {
  let left = 0;
  let all = 0;
  for (const row of heat) {
    for (const [x, value] of row.entries()) {
      left += value * Math.min(1, Math.max(0, row.length / 2 - x));
      all += value;
    }
  }
  return all === 0 ? 0.5 : left / all;
}
