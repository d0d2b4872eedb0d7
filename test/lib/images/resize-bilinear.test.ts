import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { resizeBilinear } from '../../../lib/images/resize-bilinear.ts';
import type { RgbImage } from '../../../lib/images/rgb-image.ts';
import goldens from '../../fixtures/resize-bilinear.json' with { type: 'json' };

describe('resizeBilinear', () => {
  it.each(goldens.small)('gives the very numbers of TensorFlow from $from to $to', ({ from, to, values }) => {
    expect([...resizeBilinear(madeUpImage(from), size(to))]).toEqual(values);
  });

  it.each(goldens.large)('gives the very bits of TensorFlow from $from to $to', ({ from, to, sha256 }) => {
    const pixels = resizeBilinear(madeUpImage(from), size(to));
    expect(createHash('sha256').update(new Uint8Array(pixels.buffer)).digest('hex')).toBe(sha256);
  });

  it('leaves an image that has the size as it is', () => {
    const image = madeUpImage([4, 6]);
    expect(resizeBilinear(image, [4, 6])).toEqual(Float32Array.from(image.data));
  });

  it('writes into the memory it is given', () => {
    const batch = new Float32Array(2 * 4 * 4 * 3).fill(-1);
    const second = batch.subarray(4 * 4 * 3);
    expect(resizeBilinear(madeUpImage([5, 3]), [4, 4], second)).toBe(second);
    expect(second).toEqual(resizeBilinear(madeUpImage([5, 3]), [4, 4]));
    expect(batch.subarray(0, 4 * 4 * 3).every((value) => value === -1)).toBe(true);
  });
});

function madeUpImage(shape: readonly number[]): RgbImage {
  const [height, width] = size(shape);
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (37 * ((i * i) % 251) + 11 * i + 5) % 251);
  return { height, width, data };
}

function size([height = 0, width = 0]: readonly number[]): readonly [number, number] {
  return [height, width];
}
