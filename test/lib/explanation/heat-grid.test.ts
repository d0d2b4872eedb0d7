import { describe, expect, it } from 'vitest';
import { addToGrid, chooseGrid, positiveShares } from '../../../lib/explanation/heat-grid.ts';

describe('chooseGrid', () => {
  const square = (side: number) => ({ height: side, width: side });
  it.each([
    ['the smallest of 7 or more', [square(112), square(14), square(7)], [7, 7]],
    ['no map below 7 if there is a larger one', [square(32), square(8), square(4), square(2)], [8, 8]],
    ['the largest below 7', [square(5), square(3)], [5, 5]],
    ['at most 16', [square(56)], [16, 16]],
    ['the shape of the input', [{ height: 7, width: 12 }], [7, 12]],
  ])('takes %s', (_, maps, grid) => {
    expect(chooseGrid(maps)).toEqual(grid);
  });
});

describe('addToGrid', () => {
  it.each([
    ['the same size', [1, 2, 3, 4], [2, 2], [2, 2], [1, 2, 3, 4]],
    ['half of the size', [1, 2, 3, 4], [1, 4], [1, 2], [3, 7]],
    ['twice the size', [2, 4], [1, 2], [1, 4], [1, 1, 2, 2]],
    ['two thirds of the size', [3, 6, 9], [1, 3], [1, 2], [6, 12]],
  ] as const)('spreads a map over a grid of %s', (_, values, from, to, expected) => {
    const target = new Float64Array(to[0] * to[1]);
    addToGrid(values, from, target, to);
    expect([...target]).toEqual(expected.map((value) => expect.closeTo(value, 12)));
  });
});

it('keeps positive values only, as shares', () => {
  expect([...positiveShares(Float64Array.of(3, -5, 1))]).toEqual([0.75, 0, 0.25]);
  expect([...positiveShares(Float64Array.of(0, -5))]).toEqual([0, 0]);
});
