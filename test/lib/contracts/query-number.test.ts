import { expect, it } from 'vitest';
import { queryIntegers } from '../../../lib/contracts/query-number.ts';

it('reads a list of whole numbers', () => {
  expect(queryIntegers(3).parse('0,7,12')).toEqual([0, 7, 12]);
});

it.each(['', ',', '1,', '-1', '1.5', '0x1', '1 ', 'a', '1,2,3,4'])('refuses another list: %j', (text) => {
  expect(queryIntegers(3).safeParse(text).success).toBe(false);
});
