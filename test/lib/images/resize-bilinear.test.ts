import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ImagePart, resizeBilinear } from '../../../lib/images/resize-bilinear.ts';
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

  it('resizes a part of an image to the very bits of a copy of that part', () => {
    const side = fc.integer({ min: 1, max: 9 });
    const between = fc.nat({ max: 4 });
    const sides = fc.record({ left: between, right: between, top: between, bottom: between, width: side, height: side });
    fc.assert(
      fc.property(sides, side, side, ({ left, right, top, bottom, width, height }, toHeight, toWidth) => {
        const image = madeUpImage([top + height + bottom, left + width + right]);
        const part = { left, top, width, height };
        expect(resizeBilinear(image, [toHeight, toWidth], undefined, part)).toEqual(
          resizeBilinear(copyOf(image, part), [toHeight, toWidth]),
        );
      }),
    );
  });
});

function copyOf(image: RgbImage, { left, top, width, height }: ImagePart): RgbImage {
  const rows = Array.from({ length: height }, (_, row) => {
    const start = ((top + row) * image.width + left) * 3;
    return [...image.data.subarray(start, start + width * 3)];
  });
  return { width, height, data: Uint8Array.from(rows.flat()) };
}

function madeUpImage(shape: readonly number[]): RgbImage {
  const [height, width] = size(shape);
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => (37 * ((i * i) % 251) + 11 * i + 5) % 251);
  return { height, width, data };
}

function size([height = 0, width = 0]: readonly number[]): readonly [number, number] {
  return [height, width];
}
