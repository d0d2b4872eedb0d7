import { expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { columnMoments, momentsWithout } from '../../../../lib/training/closed-form/standardize.ts';
import { gatherRows } from '../../../../lib/training/examples.ts';

const COUNT = 40;
const WIDTH = 3;

/** Columns of random numbers, of random numbers far from 0, and of a number that only the first row does not have. */
function drawRows(): Float32Array {
  const stream = randomStream(0, 'rows');
  return Float32Array.from({ length: COUNT * WIDTH }, (_, i) => {
    if (i % WIDTH === 2) return i < WIDTH ? 8 : 0.1;
    return stream.next() + (i % WIDTH === 1 ? 1000 : 0);
  });
}

test.each([
  { name: 'one row', leftOut: [0] },
  { name: 'some rows', leftOut: [0, 3, 4, 17, 39] },
  { name: 'all rows but one', leftOut: Array.from({ length: COUNT - 1 }, (_, row) => row) },
  { name: 'no row', leftOut: [] },
])('moments without $name are those of the other rows', ({ leftOut }) => {
  const rows = drawRows();
  const others = Array.from({ length: COUNT }, (_, row) => row).filter((row) => !leftOut.includes(row));
  const expected = columnMoments(gatherRows(rows, WIDTH, others), others.length);
  const { count, mean, squares } = momentsWithout(columnMoments(rows, COUNT), rows, leftOut);
  expect(count).toBe(others.length);
  for (let column = 0; column < WIDTH; column++) {
    expect(mean[column]).toBeCloseTo(expected.mean[column] ?? Number.NaN, 9);
    expect(squares[column]).toBeCloseTo(expected.squares[column] ?? Number.NaN, 9);
  }
});

test('a column that is constant in the other rows has no variance at all', () => {
  const rows = drawRows();
  const { squares } = momentsWithout(columnMoments(rows, COUNT), rows, [0]);
  expect(squares[2]).toBe(0);
});
