import { expect, it } from 'vitest';
import { keepRecent } from '../../../lib/labelling/keep-recent.ts';

it('makes a value once, and forgets the one whose last use is the longest ago', () => {
  const known = new Map<string, string>();
  const made: string[] = [];
  const ask = (key: string) =>
    keepRecent(known, key, 2, () => {
      made.push(key);
      return `value of ${key}`;
    });
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(ask)).toEqual(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => `value of ${key}`));
  // The use of a before c keeps it.
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  expect([...known.keys()]).toEqual(['a', 'b']);
});

it('keeps nothing of what could not be made', () => {
  const known = new Map([['a', 1]]);
  const fail = () => {
    throw new Error('no');
  };
  expect(() => keepRecent(known, 'b', 1, fail)).toThrow('no');
  expect([...known]).toEqual([['a', 1]]);
});
