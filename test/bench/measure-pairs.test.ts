import { expect, test } from 'vitest';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';

test('ratios are compared within a pair, and their median is not the ratio of the medians', async () => {
  // Load makes both sides of the second pair slower.
  const pairs = [
    { graft: { seconds: 1 }, keras: { seconds: 4 } },
    { graft: { seconds: 10 }, keras: { seconds: 20 } },
    { graft: { seconds: 2 }, keras: { seconds: 6 } },
  ];
  const asked: number[] = [];
  const compared = await measurePairs({
    pairs: 3,
    measure: async (pair) => {
      asked.push(pair);
      return pairs[pair] ?? {};
    },
    ratios: { ratio: ratioOf('keras', 'graft'), inverse: ratioOf('graft', 'keras') },
  });
  expect(asked).toEqual([0, 1, 2]);
  expect(compared).toEqual({
    ratio: 3,
    ratios: { inverse: 1 / 3 },
    spread: { ratio: { lowest: 2, highest: 4 }, inverse: { lowest: 1 / 4, highest: 1 / 2 } },
    pairs: 3,
    sides: { graft: { seconds: 2 }, keras: { seconds: 6 } },
  });
});

test('a warm-up runs first and does not count', async () => {
  const measure = async (pair: number) => ({ a: { seconds: pair < 0 ? 1000 : 1 }, b: { seconds: 2 } });
  const { ratio, spread } = await measurePairs({ pairs: 2, measure, ratios: { ratio: ratioOf('b', 'a') }, warmUp: true });
  expect(ratio).toBe(2);
  expect(spread.ratio).toEqual({ lowest: 2, highest: 2 });
});

test('every other pair runs the sides in reverse order', async () => {
  const order: string[] = [];
  const side = (name: string) => async (pair: number) => {
    order.push(`${name}${pair}`);
    return { seconds: 1, cpuSeconds: 2, images: 3 };
  };
  const measure = inTurns({ a: side('a'), b: side('b') });
  expect(await measure(0)).toEqual({
    a: { seconds: 1, cpuSeconds: 2, images: 3 },
    b: { seconds: 1, cpuSeconds: 2, images: 3 },
  });
  await measure(1);
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1']);
});
