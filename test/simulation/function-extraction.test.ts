import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FunctionsModel, simulateFunctions } from '../support/simulation/simulate-functions.ts';

const model: FunctionsModel = {
  images: 102_400,
  imagesOfPart: 2560,
  functions: 8,
  imagesPerSecond: 50,
  startSeconds: 10,
  listSeconds: 5,
  callSeconds: 2,
  firstFunctions: 5,
  addedPerSecond: 5,
  getsPerSecond: 5500,
  deaths: 0,
  seed: 1,
};
const most = (counts: Uint8Array): number => counts.reduce((a, b) => Math.max(a, b), 0);

test('without faults each part is one call, each shard is computed once, and the functions share the time', () => {
  const { seconds, calls, computed, stored } = simulateFunctions(model);
  expect({ calls, most: most(computed), least: Math.min(...computed, ...stored) }).toEqual({ calls: 40, most: 1, least: 1 });
  // 5 parts a function, of 51.2 s and 2 s each; the last three functions come a second later.
  expect(seconds).toBeCloseTo(15 + 1 + 10 + 5 * 53.2, 0);
});

test.each<[string, Partial<FunctionsModel>, number]>([
  ['half of the functions take twice as long', { functions: 4 }, 15 + 10 + 10 * 53.2],
  ['a limit of S3 slows all functions down', { getsPerSecond: 100 }, 15 + 102_400 / 100],
])('%s', (_, change, expected) => {
  const { seconds } = simulateFunctions({ ...model, ...change });
  expect(Math.abs(seconds - expected) / expected).toBeLessThan(0.05);
});

test('a part that is not done in time continues in another call', () => {
  const { calls, computed, stored } = simulateFunctions({ ...model, imagesPerSecond: 5 });
  expect(calls).toBeGreaterThan(80);
  expect({ most: most(computed), least: Math.min(...stored) }).toEqual({ most: 1, least: 1 });
});

test('if functions die, all features are stored, and only what was in progress is computed again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (functions, seed) => {
      const { computed, stored, calls } = simulateFunctions({ ...model, functions, seed, deaths: 0.02 });
      expect(stored.every((times) => times === 1)).toBe(true);
      expect(computed.reduce((sum, times) => sum + times - 1, 0)).toBe(calls - 40);
    }),
    { numRuns: 200, seed: Number(process.env.GRAFT_SEED ?? 1) },
  );
});
