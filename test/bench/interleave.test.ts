import { expect, test } from 'vitest';
import { timeInterleaved } from './interleave.ts';

test('works alternate, in reverse order in every other round, and the warm-up is not timed', async () => {
  const order: string[] = [];
  const work = (name: string) => async () => void order.push(name);
  const times = await timeInterleaved([work('a'), work('b')], 3);
  expect(order.join('')).toBe('baabbaab');
  expect(times.map(({ length }) => length)).toEqual([3, 3]);
});
