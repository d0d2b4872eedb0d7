import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexImages } from '../../../lib/features/index-images.ts';

function shaOf(image: number): string {
  return createHash('sha256').update(`${image}`).digest('hex');
}

it('finds the rows of each image, as a map would', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 100 }), (numbers) => {
      const images = numbers.map(shaOf);
      const index = indexImages(images);
      const map = new Map<string, number[]>();
      for (const [row, image] of images.entries()) map.set(image, [...(map.get(image) ?? []), row]);
      expect(index.rows).toBe(images.length);
      expect(Array.from({ length: index.distinct }, (_, number) => index.at(number))).toEqual([...map.keys()]);
      for (const [number, [image, rows]] of [...map].entries()) {
        expect(index.numberOf(image)).toBe(number);
        expect(index.rowsOf(number).reverse()).toEqual(rows);
      }
      expect(index.numberOf(shaOf(41))).toBeUndefined();
    }),
  );
});

it('tells images apart that begin with the same digits', () => {
  const images = ['a', 'b', 'c'].map((end) => `${'0'.repeat(63)}${end}`);
  const index = indexImages(images);
  expect(images.map(index.numberOf)).toEqual([0, 1, 2]);
  expect(index.numberOf(`${'0'.repeat(63)}d`)).toBeUndefined();
});
