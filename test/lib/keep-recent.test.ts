import { expect, test } from 'vitest';
import { keepRecent } from '../../lib/keep-recent.ts';

test('forgets the values whose last use is the longest ago', () => {
  const known = new Map<string, number>();
  const keep = (key: string, value: number) => keepRecent(known, key, value, 2);
  expect([keep('a', 1), keep('b', 2), keep('a', 1), keep('c', 3)]).toEqual([1, 2, 1, 3]);
  // The second use of a before c keeps it.
  expect([...known]).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
});

test('replaces a value', () => {
  const known = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  keepRecent(known, 'a', 3, 2);
  expect([...known]).toEqual([
    ['b', 2],
    ['a', 3],
  ]);
});

test('forgets several values where fewer may stay', () => {
  const known = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  keepRecent(known, 'd', 4, 1);
  expect([...known]).toEqual([['d', 4]]);
});
