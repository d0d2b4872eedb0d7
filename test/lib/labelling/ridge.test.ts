import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import {
  fitRidge,
  imageColumns,
  type Labelled,
  leaveOut,
  leveragesOf,
  multiplyColumns,
  ROWS_AT_ONCE,
  scoresOf,
} from '../../../lib/labelling/ridge.ts';
import { randomStream } from '../../../lib/random.ts';

const WIDTH = 4;
const SIZE = WIDTH + 1;
const RIDGE = 0.2;

function spaceOf(count: number) {
  const random = randomStream(0, 'ridge', count);
  const vectors = Float32Array.from({ length: count * WIDTH }, () => random.next() - 0.5);
  return { count, width: WIDTH, vectors, density: new Float32Array(count) };
}

/** Every other image, the last one first. */
function labelledOf(count: number): Labelled {
  const rows = Array.from({ length: count / 2 }, (_, i) => count - 1 - 2 * i);
  return { rows, labels: rows.map((row) => (row * 7) % 3), classes: 3 };
}

/** The coefficients by the definition, [classes][width + 1]. */
function solveDirectly(columns: number[][], { labels, classes }: Labelled): number[][] {
  const x = new Matrix(columns);
  const targets = new Matrix(labels.map((label) => Array.from({ length: classes }, (_, c) => Number(c === label) - 1 / classes)));
  const left = x.transpose().mmul(x).add(Matrix.eye(SIZE).mul(RIDGE));
  return solve(left, x.transpose().mmul(targets)).transpose().to2DArray();
}

const rowsOf = (values: Float64Array, width: number) =>
  Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);

function expectClose(found: readonly number[][], expected: readonly number[][]) {
  expect(found).toHaveLength(expected.length);
  for (const [i, row] of expected.entries()) for (const [k, value] of row.entries()) expect(found[i]?.[k]).toBeCloseTo(value, 10);
}

describe('a ridge regression', () => {
  it.each([
    ['few images', 40],
    ['more images than are multiplied at once', 2 * ROWS_AT_ONCE + 100],
  ])('of %s has the coefficients of its definition', async (_, count) => {
    const [space, labelled] = [spaceOf(count), labelledOf(count)];
    const columns = rowsOf(imageColumns(space, labelled.rows).values, SIZE);
    const { coefficients } = await fitRidge(await multiplyColumns(space, labelled), SIZE, RIDGE);
    expectClose(rowsOf(coefficients.values, SIZE), solveDirectly(columns, labelled));
  });

  it('scores each image as the fit to all others does', async () => {
    const [space, labelled] = [spaceOf(40), labelledOf(40)];
    const columns = imageColumns(space, labelled.rows);
    const fit = await fitRidge(await multiplyColumns(space, labelled), SIZE, RIDGE);
    const [scores, leverages] = [await scoresOf(columns, fit), await leveragesOf(columns, fit)];
    const rows = rowsOf(columns.values, SIZE);
    for (const [i, own] of rowsOf(scores, 3).entries()) {
      const isOther = (_: unknown, other: number) => other !== i;
      const others = { ...labelled, labels: labelled.labels.filter(isOther) };
      const expected = solveDirectly(rows.filter(isOther), others).map((weights) =>
        weights.reduce((sum, weight, k) => sum + weight * rows[i]![k]!, 0),
      );
      const leftOut = Float64Array.from(own);
      leaveOut(leftOut, labelled.labels[i]!, leverages[i]!);
      expectClose([[...leftOut]], [expected]);
    }
  });
});
