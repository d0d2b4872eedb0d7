import { describe, expect, it } from 'vitest';
import { repeatWithSeeds, summarize } from '../../../lib/training/repeat-with-seeds.ts';

describe('repeatWithSeeds', () => {
  it('runs with the seed itself first, then with others, the same each time', async () => {
    const seeds = async (seed: number): Promise<readonly number[]> =>
      (await repeatWithSeeds(4, seed, async (each) => each)).values;
    const first = await seeds(7);
    expect(first[0]).toBe(7);
    expect(new Set(first).size).toBe(4);
    expect(await seeds(7)).toEqual(first);
    expect((await seeds(8))[1]).not.toBe(first[1]);
  });
});

describe('summarize', () => {
  it.each([
    { values: [1, 2, 3, 6], mean: 3, deviation: Math.sqrt(14 / 3) },
    { values: [0.5], mean: 0.5, deviation: 0 },
  ])('gives mean and deviation of $values', ({ values, mean, deviation }) => {
    expect(summarize(values)).toEqual({ values, mean, deviation: expect.closeTo(deviation, 12) });
  });
});
