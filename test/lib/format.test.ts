import { expect, test } from 'vitest';
import { byteSize, count, counted, dollars, duration, few, pEquals, percent, pValue, roughDuration } from '../../lib/format.ts';

test.each([
  ['a share', percent(0.94345), '94.3%'],
  ['a share in whole percent', percent(0.946, 0), '95%'],
  ['a number', count(999), '999'],
  ['a number from a thousand on', count(1_234_567), '1,234,567'],
  ['one', counted(1, 'image'), '1 image'],
  ['none', counted(0, 'image'), '0 images'],
  ['many', counted(25_000, 'image'), '25,000 images'],
  ['many, with a plural of its own', counted(2, 'class', 'classes'), '2 classes'],
  ['names that fit', few(['a', 'b', 'c', 'd', 'e']), 'a, b, c, d, e'],
  ['names that do not fit', few(['a', 'b', 'c'], 2), 'a, b and 1 more'],
  ['many names', few(Array<string>(2_000).fill('a'), 1), 'a and 1,999 more'],
  ['no names', few([]), ''],
])('%s', (_, text, expected) => {
  expect(text).toBe(expected);
});

test.each([
  [0, '0.0 s'],
  [4.24, '4.2 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [61, '1 min 1 s'],
  [200, '3 min 20 s'],
  [900, '15 min'],
  [3599.4, '59 min 59 s'],
  [3599.6, '1 h'],
  [3630, '1 h 1 min'],
  [7500, '2 h 5 min'],
  [172_800, '48 h'],
])('%d seconds took %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [4.44, '4.4 s', Math.round],
  [9.91, '10 s', Math.ceil],
  [40.6, '40 s', Math.floor],
  [61, '61 s', Math.round],
  [100, '1.6 min', Math.floor],
  [119, '2 min', Math.ceil],
  [6_000, '1.7 h', Math.round],
  [500_000, '139 h', Math.round],
])('%d seconds are estimated as %s', (seconds, text, round) => {
  expect(roughDuration(seconds, round)).toBe(text);
});

test.each([
  [0.0002, '$0.0002'],
  [0.004, '$0.0040'],
  [0.00994, '$0.0099'],
  [0.00996, '$0.01'],
  [0.052, '$0.05'],
  [12.346, '$12.35'],
])('%d dollars are %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});

test.each([
  [0, 'below 0.0001', 'p < 0.0001'],
  [0.000_099, 'below 0.0001', 'p < 0.0001'],
  [0.0004, '0.00040', 'p = 0.00040'],
  [0.0214, '0.021', 'p = 0.021'],
  [0.5, '0.50', 'p = 0.50'],
])('a p-value of %d is %s', (value, text, inSentence) => {
  expect([pValue(value), pEquals(value)]).toEqual([text, inSentence]);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [99_940, '99.9 kB'],
  [99_960, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [67_108_864, '67.1 MB'],
  [2_147_483_648, '2.1 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(byteSize(bytes)).toBe(text);
});
