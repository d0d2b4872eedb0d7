import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SplitPart } from '../../../../lib/contracts/dataset.ts';
import { partsByContent } from '../../../../lib/datasets/splits/parts-by-content.ts';

const part = fc.constantFrom(...SplitPart.options);

it('is a map', () => {
  // Few different ends, so that many are looked for in the same slot.
  const sha256 = fc
    .tuple(fc.nat(200), fc.nat(3))
    .map(([beginning, end]) => hash(beginning).slice(0, 56) + `${end}`.padStart(8, '0'));
  fc.assert(
    fc.property(fc.array(fc.tuple(sha256, part), { maxLength: 400 }), (added) => {
      const parts = partsByContent();
      const expected = new Map<string, SplitPart>();
      for (const [key, value] of added) {
        parts.set(key, value);
        expected.set(key, value);
      }
      for (const [key] of added) expect(parts.get(key)).toBe(expected.get(key));
      expect(parts.get(hash(1000))).toBeUndefined();
    }),
    { numRuns: 50, seed: 1 },
  );
});

it('grows', () => {
  const parts = partsByContent();
  for (let number = 0; number < 5000; number++) parts.set(hash(number), SplitPart.options[number % 3] ?? 'train');
  for (let number = 0; number < 5000; number++) expect(parts.get(hash(number))).toBe(SplitPart.options[number % 3]);
});

it('lists what it holds, in the order in which it was added', () => {
  const parts = partsByContent();
  const added = Array.from({ length: 200 }, (_, number) => [hash(number), SplitPart.options[number % 3] ?? 'train'] as const);
  for (const [sha256, part] of [...added, ...added.slice(0, 10)]) parts.set(sha256, part);
  expect([...parts]).toEqual(added);
  expect(parts.size).toBe(200);
});

function hash(number: number): string {
  return createHash('sha256').update(String(number)).digest('hex');
}
