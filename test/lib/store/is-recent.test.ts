import { expect, test } from 'vitest';
import { isRecent, LONGEST_SKEW_SECONDS } from '../../../lib/store/is-recent.ts';

const now = new Date('2030-01-01T12:00:00Z');
const at = (seconds: number): string => new Date(now.getTime() + seconds * 1000).toISOString();

test.each([
  ['a moment ago', 0, true],
  ['a minute ago', -60, true],
  ['as long ago as asked', -100, false],
  ['an hour ago', -3600, false],
  ['ahead, by a clock that is fast', 600, true],
  ['further ahead than clocks differ', LONGEST_SKEW_SECONDS, false],
])('a time that lies %s', (_, seconds, expected) => {
  expect(isRecent(at(seconds), 100, now)).toBe(expected);
});
