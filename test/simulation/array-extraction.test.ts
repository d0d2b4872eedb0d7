import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ArrayModel, simulateArray } from '../support/simulation/simulate-array.ts';

const model: ArrayModel = {
  images: 100_000,
  machines: 8,
  mostAtOnce: 8,
  imagesPerSecond: 50,
  startSeconds: 240,
  openSeconds: 10,
  getsPerSecond: 5500,
  reclaimsPerHour: 0,
  crashes: 0,
  seed: 1,
};
const most = (counts: Uint8Array): number => counts.reduce((a, b) => Math.max(a, b), 0);

test('without faults each shard is computed once, and the machines share the time', () => {
  const { seconds, starts, attempts, computed, stored } = simulateArray(model);
  expect({ starts, attempts, most: most(computed), least: Math.min(...computed, ...stored) }).toEqual({
    starts: 8,
    attempts: 1,
    most: 1,
    least: 1,
  });
  expect(seconds).toBeCloseTo(250 + (49 * 256) / 50, 5);
});

test.each<[string, Partial<ArrayModel>, number]>([
  ['half of the machines take twice as long', { mostAtOnce: 4 }, 2 * (250 + (49 * 256) / 50)],
  ['a limit of S3 slows all machines down', { getsPerSecond: 100 }, 250 + 100_000 / 100],
])('%s', (_, change, expected) => {
  const { seconds } = simulateArray({ ...model, ...change });
  expect(Math.abs(seconds - expected) / expected).toBeLessThan(0.05);
});

test('if machines are reclaimed and processes die, all features are stored, and only what was under way is computed again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (machines, mostAtOnce, seed) => {
      const { computed, stored, starts, attempts } = simulateArray({
        ...model,
        machines,
        mostAtOnce,
        seed,
        reclaimsPerHour: 0.05,
        crashes: 0.2,
      });
      expect(stored.every((times) => times === 1)).toBe(true);
      const again = computed.reduce((sum, times) => sum + times - 1, 0);
      // Each shard that is computed in vain ends the process of its part.
      expect(again).toBeLessThanOrEqual(starts - machines + (attempts > 1 ? machines : 0));
      expect(most(computed)).toBeLessThanOrEqual(3);
    }),
    { numRuns: 200, seed: Number(process.env.GRAFT_SEED ?? 1) },
  );
});
