import { expect, test } from 'vitest';
import { hashesOf } from '../../../lib/pipeline/hashes-of.ts';

const dataset = { rows: ['a', 'b', 'c'].map((sha256) => ({ path: `${sha256}.png`, sha256, labels: [], width: 1, height: 1 })) };

test('the hashes of rows are in the order of the rows', () => {
  expect(hashesOf(dataset, [2, 0, 2])).toEqual(['c', 'a', 'c']);
});

test('a row that the data set lacks is an error, and not a shift of all that follow', () => {
  expect(() => hashesOf(dataset, [0, 3, 1])).toThrow(new RangeError('The data set has no row 3.'));
});
