import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearestRows } from '../../../lib/labelling/nearest-rows.ts';
import { cosine, unitVectors } from '../../../lib/labelling/unit-vectors.ts';

const WIDTH = 4;
const yieldToEventLoop = async () => {};

it('finds the rows with the largest cosines, never a row itself', async () => {
  const coordinate = fc.integer({ min: -4, max: 4 });
  const vectors = fc.array(fc.array(coordinate, { minLength: WIDTH, maxLength: WIDTH }), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(vectors, fc.integer({ min: 1, max: 12 }), async (all, most) => {
      const count = all.length;
      const space = { count, width: WIDTH, vectors: Float32Array.from(all.flat()), density: new Float32Array(count) };
      const rows = [...all.keys()];
      const near = await nearestRows(space, { rows, among: rows, most, yieldToEventLoop });
      expect(near.width).toBe(Math.min(most, count - 1));
      const units = unitVectors(space);
      for (const row of rows) {
        const own = near.rows.subarray(row * near.width, (row + 1) * near.width);
        expect(new Set([...own, row]).size).toBe(near.width + 1);
        const all = rows.filter((other) => other !== row).map((other) => cosine(units, WIDTH, row, other));
        const largest = all.sort((a, b) => b - a).slice(0, near.width);
        for (const [k, other] of own.entries()) {
          expect(near.similarities[row * near.width + k]).toBeCloseTo(largest[k]!, 4);
          expect(cosine(units, WIDTH, row, other)).toBeCloseTo(largest[k]!, 4);
        }
      }
    }),
    { numRuns: 30 },
  );
});

it('finds nothing among no rows', async () => {
  const space = { count: 2, width: 1, vectors: Float32Array.of(1, 2) };
  expect(await nearestRows(space, { rows: [0, 1], among: [], most: 3, yieldToEventLoop })).toMatchObject({ width: 0 });
});
