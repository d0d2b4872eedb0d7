import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type AffineMap, crop, flip, rotate, shear, translate, zoom } from '../../../../lib/images/augment/geometric.ts';
import {
  autoContrast,
  brightness,
  contrast,
  equalize,
  hue,
  posterize,
  saturation,
  sharpness,
  solarize,
} from '../../../../lib/images/augment/photometric.ts';
import { warp } from '../../../../lib/images/augment/warp.ts';
import goldens from '../../../fixtures/augment.json' with { type: 'json' };

const size = goldens.size as [number, number];

describe('a move', () => {
  it.each(goldens.moves)('samples as Keras does: $name, $fill', ({ map, fill, values }) => {
    expectClose(warp(madeUpImage(size), size, map as unknown as AffineMap, fill as 'reflect'), values, 0.01);
  });

  /** The numbers of a 3 x 3 image's pixels, row after row; black is 0. */
  const moves: { name: string; map: AffineMap; expected: number[] }[] = [
    { name: 'mirrors left and right', map: flip([3, 3], { horizontal: true }), expected: [3, 2, 1, 6, 5, 4, 9, 8, 7] },
    { name: 'mirrors top and bottom', map: flip([3, 3], { vertical: true }), expected: [7, 8, 9, 4, 5, 6, 1, 2, 3] },
    { name: 'turns counter-clockwise', map: rotate([3, 3], Math.PI / 2), expected: [3, 6, 9, 2, 5, 8, 1, 4, 7] },
    { name: 'moves down', map: translate([3, 3], { down: 1 / 3 }), expected: [0, 0, 0, 1, 2, 3, 4, 5, 6] },
    { name: 'moves to the right', map: translate([3, 3], { right: 1 / 3 }), expected: [0, 1, 2, 0, 4, 5, 0, 7, 8] },
    { name: 'slants the rows', map: shear([3, 3], { across: 1 }), expected: [2, 3, 0, 4, 5, 6, 0, 7, 8] },
    { name: 'slants the columns', map: shear([3, 3], { down: 1 }), expected: [4, 2, 0, 7, 5, 3, 0, 8, 6] },
    { name: 'zooms out', map: zoom([3, 3], 2), expected: [0, 0, 0, 0, 5, 0, 0, 0, 0] },
    {
      name: 'shows the middle row only',
      map: crop([3, 3], { left: 0, top: 1, width: 3, height: 1 }),
      expected: [3, 4, 5, 4, 5, 6, 5, 6, 7],
    },
  ];
  it.each(moves)('$name', ({ map, expected }) => {
    const image = Float32Array.from({ length: 27 }, (_, i) => 1 + Math.floor(i / 3));
    const moved = warp(image, [3, 3], map, 'constant');
    expectClose(
      moved.filter((_, i) => i % 3 === 0),
      expected,
      1e-5,
    );
  });
});

const recolourings: Readonly<Record<string, (pixels: Float32Array, amount: number) => void>> = {
  hue,
  saturation,
  contrast,
  brightness,
  sharpness: (pixels, factor) => sharpness(pixels, size, factor),
  autoContrast: (pixels) => autoContrast(pixels),
  posterize,
  solarize,
};

describe('a change of colours', () => {
  it.each(goldens.colours)('gives the numbers of TensorFlow or Pillow: $name $amount', ({ name, amount = 0, within, values }) => {
    const image = madeUpImage(size);
    recolourings[name]!(image, amount);
    expectClose(image, values, within);
  });

  it('equalizes to the very bytes of Pillow', () => {
    const image = madeUpImage(goldens.equalized.size as [number, number]).map((value) => Math.floor(value / 2));
    equalize(image);
    expect(createHash('sha256').update(Uint8Array.from(image)).digest('hex')).toBe(goldens.equalized.sha256);
  });

  it.each([
    { name: 'hue', change: hue, amount: 0 },
    { name: 'saturation', change: saturation, amount: 1 },
    { name: 'contrast', change: contrast, amount: 1 },
    { name: 'brightness', change: brightness, amount: 0 },
    { name: 'sharpness', change: recolourings.sharpness!, amount: 1 },
    { name: 'posterize', change: posterize, amount: 8 },
    { name: 'solarize', change: solarize, amount: 256 },
  ])('leaves an image as it is at no strength: $name', ({ change, amount }) => {
    const image = madeUpImage(size);
    change(image, amount);
    expectClose(image, [...madeUpImage(size)], 1e-4);
  });
});

function madeUpImage([height, width]: readonly [number, number]): Float32Array {
  return Float32Array.from({ length: height * width * 3 }, (_, i) => (37 * ((i * i) % 251) + 11 * i + 5) % 251);
}

function expectClose(values: Float32Array, expected: readonly number[], within: number): void {
  expect(values).toHaveLength(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)))).toBeLessThanOrEqual(within);
}
