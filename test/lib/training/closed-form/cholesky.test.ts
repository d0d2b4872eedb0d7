import { expect, test } from 'vitest';
import { randomStream } from '../../../../lib/random.ts';
import { factorizePacked } from '../../../../lib/training/closed-form/cholesky.ts';
import { packedSize } from '../../../../lib/training/closed-form/packed-gram.ts';

/** Products of rows of random numbers, plus a ridge: columns have sizes from 1 to 1000. */
function drawMatrix(size: number, ridge: number): Float64Array {
  const random = randomStream(size, 'matrix');
  const rank = 12;
  const rows = Float64Array.from(
    { length: size * rank },
    (_, i) => (random.next() - 0.3) * 10 ** (3 * (Math.floor(i / rank) / size)),
  );
  const packed = new Float64Array(packedSize(size));
  for (let i = 0, at = 0; i < size; i++)
    for (let j = 0; j <= i; j++, at++) {
      let product = i === j ? ridge : 0;
      for (let k = 0; k < rank; k++) product += (rows[i * rank + k] ?? 0) * (rows[j * rank + k] ?? 0);
      packed[at] = product;
    }
  return packed;
}

/** matrix * solution, [size, columns] */
function multiply(packed: Float64Array, solution: Float64Array, columns: number): number[] {
  const size = solution.length / columns;
  const element = (i: number, j: number) => packed[packedSize(Math.max(i, j)) + Math.min(i, j)] ?? Number.NaN;
  return Array.from({ length: solution.length }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let total = 0;
    for (let k = 0; k < size; k++) total += element(row, k) * (solution[k * columns + column] ?? Number.NaN);
    return total;
  });
}

test.each([
  ['one column', 1, 1, 1e-15],
  ['a small matrix', 40, 0.01, 1e-8],
  ['one block of columns', 128, 10, 1e-9],
  ['several blocks of columns', 600, 10, 1e-9],
  ['an ill-conditioned matrix of several blocks', 300, 1e-3, 1e-5],
])('%s is solved in float64', async (_, size, ridge, most) => {
  const random = randomStream(size, 'right');
  const packed = drawMatrix(size, ridge);
  const right = Float64Array.from({ length: size * 3 }, (_, i) => (i % 3 === 1 ? 0 : random.next() - 0.5));
  const solution = await (await factorizePacked(packed, size, async () => {})).solve(right);
  const differences = multiply(packed, solution, 3).map((value, i) => value - (right[i] ?? 0));
  expect(Math.hypot(...differences) / Math.hypot(...right)).toBeLessThan(most);
  expect(solution.filter((_, i) => i % 3 === 1)).toEqual(new Float64Array(size));
});

test('a matrix of several blocks is inverted', async () => {
  const packed = drawMatrix(200, 10);
  const inverse = await (await factorizePacked(packed, 200, async () => {})).invert();
  const identity = multiply(packed, inverse, 200);
  expect(Math.max(...identity.map((value, i) => Math.abs(value - Number(i % 201 === 0))))).toBeLessThan(1e-9);
});

test('a stopped job ends at the next pause', async () => {
  for (const last of [1, 2, 4]) {
    let pauses = 0;
    const stopping = async () => {
      if (++pauses === last) throw new Error('stopped');
    };
    await expect(factorizePacked(drawMatrix(600, 10), 600, stopping)).rejects.toThrow('stopped');
    expect(pauses).toBe(last);
  }
});
