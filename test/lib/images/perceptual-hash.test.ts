import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../../lib/images/decode-image.ts';
import { perceptualHash } from '../../../lib/images/perceptual-hash.ts';
import { fixturePath, readFixture } from '../../support/fixtures.ts';

const photograph = fixturePath('trash/glass/glass119.jpg');

describe('perceptualHash', () => {
  it.each([
    { name: 'compressed again', form: () => sharp(photograph).jpeg({ quality: 50 }) },
    { name: 'made smaller', form: () => sharp(photograph).resize(64).png() },
    { name: 'made larger', form: () => sharp(photograph).resize(300).webp() },
    { name: 'a little brighter', form: () => sharp(photograph).modulate({ brightness: 1.1 }).jpeg() },
  ])('is nearly the same for a picture $name', async ({ form }) => {
    expect(
      differing(await hashOf(await sharp(photograph).toBuffer()), await hashOf(await form().toBuffer())),
    ).toBeLessThanOrEqual(24);
  });

  it('is far from that of another picture of the same kind', async () => {
    const [one, other] = [await readFixture('trash/glass/glass119.jpg'), await readFixture('trash/glass/glass259.jpg')];
    expect(differing(await hashOf(one), await hashOf(other))).toBeGreaterThan(48);
  });

  it.each([
    { name: 'one colour', width: 40, height: 30 },
    { name: 'one pixel', width: 1, height: 1 },
  ])('says nothing of an image of $name', ({ width, height }) => {
    expect(perceptualHash({ width, height, data: new Uint8Array(width * height * 3).fill(90) })).toBeUndefined();
  });

  it('takes images smaller than its cells', () => {
    const data = Uint8Array.from({ length: 3 * 2 * 3 }, (_, i) => (i * 37) % 256);
    expect(perceptualHash({ width: 3, height: 2, data })).toMatch(/^[0-9a-f]{64}$/);
  });
});

async function hashOf(bytes: Uint8Array): Promise<string> {
  return perceptualHash(await decodeImage(bytes)) ?? '';
}

function differing(a: string, b: string): number {
  const bits = (hash: string): string =>
    [...hash].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return [...bits(a)].filter((bit, at) => bit !== bits(b)[at]).length;
}
