import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashIndex } from '../../../../lib/datasets/tables/hash-index.ts';

/** Few different ends, so that many hashes are looked for in the same slot. */
const sha256 = fc
  .tuple(fc.nat(200), fc.nat(3))
  .map(([beginning, end]) => hash(beginning).slice(0, 56) + `${end}`.padStart(8, '0'));

it('numbers hashes in the order in which they are added, however many it expects', () => {
  fc.assert(
    fc.property(fc.array(sha256, { maxLength: 400 }), fc.nat(100), (added, expected) => {
      const index = hashIndex(expected);
      const numbers = new Map<string, number>();
      for (const one of added) {
        const number = numbers.get(one) ?? numbers.size;
        numbers.set(one, number);
        expect(index.add(one)).toBe(number);
      }
      expect(index.length).toBe(numbers.size);
      for (const [one, number] of numbers) expect([index.numberOf(one), index.at(number)]).toEqual([number, one]);
      expect(index.numberOf(hash(1000))).toBeUndefined();
    }),
    { numRuns: 50, seed: 1 },
  );
});

it('grows', () => {
  const index = hashIndex();
  for (let number = 0; number < 5000; number++) expect(index.add(hash(number))).toBe(number);
  for (let number = 0; number < 5000; number++) expect(index.add(hash(number))).toBe(number);
  expect(index.length).toBe(5000);
});

it.each([0, 7, 8, 40, 63])('tells hashes apart that differ in digit %i alone', (digit) => {
  const hashes = Array.from('0123456789abcdef', (one) => `${'0'.repeat(digit)}${one}${'0'.repeat(63 - digit)}`);
  const index = hashIndex(1);
  expect(hashes.map(index.add)).toEqual(hashes.map((_, number) => number));
  expect(hashes.map(index.numberOf)).toEqual(hashes.map((_, number) => number));
});

function hash(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex');
}
