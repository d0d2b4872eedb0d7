import { expect, it } from 'vitest';
import { cornerOf, gridGeometry, imagesInView } from '../../../console/components/grid-geometry.ts';

const sizes = { least: 96, caption: 0 };

it('fills the width with square images', () => {
  const geometry = gridGeometry({ count: 10, width: 408, ...sizes });
  expect(geometry).toEqual({ count: 10, columns: 4, side: 96, step: 104, rows: 3, height: 304 });
  expect([0, 5, 9].map((index) => cornerOf(geometry, index))).toEqual([
    { x: 0, y: 0 },
    { x: 104, y: 104 },
    { x: 104, y: 208 },
  ]);
  expect(gridGeometry({ count: 10, width: 440, ...sizes, caption: 20 })).toMatchObject({ columns: 4, side: 104, step: 132 });
});

it.each([
  ['the top', 0, 200, 0, 16],
  ['the middle', 2_080, 200, 72, 96],
  ['the end', 25_800, 200, 984, 1_000],
  ['beyond the end, after images are gone', 90_000, 200, 1_000, 1_000],
  ['no height', 0, 0, 0, 8],
])('draws the rows in view and two around them: %s', (_, top, height, start, end) => {
  const geometry = gridGeometry({ count: 1_000, width: 408, ...sizes });
  expect(imagesInView(geometry, { top, height })).toEqual({ start, end });
});

it('has no images and no negative size without images or a width', () => {
  expect(gridGeometry({ count: 0, width: 408, ...sizes })).toMatchObject({ rows: 0, height: 0 });
  expect(gridGeometry({ count: 5, width: 0, ...sizes })).toMatchObject({ columns: 1, side: 0 });
});
