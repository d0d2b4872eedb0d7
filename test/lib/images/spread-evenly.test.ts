import { expect, test } from 'vitest';
import { spreadEvenly } from '../../../lib/images/spread-evenly.ts';

test.each([
  ['fewer than there are', 3, [0, 3, 6]],
  ['all', 10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['more than there are', 12, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['none', 0, []],
])('%s', (_, most, expected) => {
  expect(spreadEvenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], most)).toEqual(expected);
});

test('of no images', () => {
  expect(spreadEvenly([], 3)).toEqual([]);
});
