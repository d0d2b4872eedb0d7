import { describe, expect, it } from 'vitest';
import { repeatSeeds, summarizeValues } from '../../../lib/training/repeat-with-seeds.ts';

describe('repeatSeeds', () => {
  it('begins with the seed itself, then gives others, the same each time', () => {
    const first = repeatSeeds(4, 7);
    expect(first[0]).toBe(7);
    expect(new Set(first).size).toBe(4);
    expect(repeatSeeds(4, 7)).toEqual(first);
    expect(repeatSeeds(4, 8)[1]).not.toBe(first[1]);
  });
});

describe('summarizeValues', () => {
  it.each([
    { values: [1, 2, 3, 6], mean: 3, deviation: Math.sqrt(14 / 3) },
    { values: [0.5], mean: 0.5, deviation: 0 },
  ])('gives mean and deviation of $values', ({ values, mean, deviation }) => {
    expect(summarizeValues(values)).toEqual({ values, mean, deviation: expect.closeTo(deviation, 12) });
  });
});
