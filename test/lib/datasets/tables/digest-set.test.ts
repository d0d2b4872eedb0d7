import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digestSet } from '../../../../lib/datasets/tables/digest-set.ts';

it('knows which hashes are new', () => {
  const set = digestSet();
  const hashes = [1, 2, 3].map((number) => createHash('sha256').update(String(number)).digest('hex'));
  const [first = '', second = '', third = ''] = hashes;
  expect(set.has(first)).toBe(false);
  expect([first, second, first, second].map((one) => set.add(one))).toEqual([true, true, false, false]);
  expect(hashes.map((one) => set.has(one))).toEqual([true, true, false]);
  expect(set.add(third)).toBe(true);
  expect(set.size).toBe(3);
});
