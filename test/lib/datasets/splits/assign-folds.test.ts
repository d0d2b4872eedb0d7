import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { assignFolds, type Fold } from '../../../../lib/datasets/splits/assign-folds.ts';

const digest = `sha256-${'a'.repeat(64)}`;
const counts = fc.integer({ min: 2, max: 6 });
const seeds = fc.nat();

/** @param look pictures with the same number are near duplicates of each other */
function rowOf(image: number, labels: readonly string[], { group, look }: { group?: string; look?: number } = {}): ManifestRow {
  return {
    path: `${String(image).padStart(4, '0')}.jpg`,
    labels: [...labels],
    sha256: image.toString(16).padStart(64, '0'),
    size: 1000,
    width: 32,
    height: 32,
    ...(group !== undefined && { group }),
    ...(look !== undefined && { hash: hashOf(look, image) }),
  } as ManifestRow;
}

/** Hashes of one look differ in a few of 256 bits, those of two looks in half of them. */
function hashOf(look: number, image: number): string {
  return `${(look % 16).toString(16).repeat(60)}${(image % 16).toString(16).padStart(4, '0')}`;
}

const foldOf = (folds: readonly Fold[], place: number): number => folds.findIndex(({ validation }) => validation.includes(place));
const every = (rows: readonly ManifestRow[]): number[] => [...rows.keys()];
const labelled = (rows: readonly ManifestRow[], { validation }: Fold, label: string): number =>
  validation.filter((place) => rows[place]?.labels.includes(label)).length;

/** Classes, several to an image or none, patients and near duplicates as they come. */
const odd = fc
  .array(
    fc.record({
      labels: fc.subarray(['a', 'b', 'c']),
      group: fc.option(fc.integer({ min: 0, max: 8 }).map(String), { nil: undefined }),
      look: fc.option(fc.constantFrom(1, 2, 4, 8), { nil: undefined, freq: 3 }),
    }),
    { minLength: 12, maxLength: 60 },
  )
  .map((images) =>
    images.map(({ labels, group, look }, image) =>
      rowOf(image, labels, { ...(group !== undefined && { group }), ...(look !== undefined && { look }) }),
    ),
  );

describe('assignFolds', () => {
  it('validates every image once, by a model that has seen all others', () => {
    fc.assert(
      fc.property(odd, counts, seeds, (rows, count, seed) => {
        for (const { train, validation } of foldsOrRefusal(rows, count, seed)) {
          expect([...train, ...validation].sort((a, b) => a - b)).toEqual(every(rows));
        }
        const folds = foldsOrRefusal(rows, count, seed);
        if (folds.length > 0) expect(folds.flatMap(({ validation }) => validation).sort((a, b) => a - b)).toEqual(every(rows));
      }),
    );
  });

  it('has no group and no near duplicates on both sides of any fold, and no fold empty', () => {
    fc.assert(
      fc.property(odd, counts, seeds, (rows, count, seed) => {
        const folds = foldsOrRefusal(rows, count, seed);
        for (const keyOf of [({ group }: ManifestRow) => group, ({ hash }: ManifestRow) => hash?.slice(0, 60)]) {
          for (const [key, together] of Map.groupBy(rows.keys(), (row) => keyOf(rows[row]!))) {
            if (key !== undefined && folds.length > 0)
              expect(new Set(together.map((place) => foldOf(folds, place))).size, `${key}`).toBe(1);
          }
        }
        for (const { train, validation } of folds) {
          expect(train.length).toBeGreaterThan(0);
          expect(validation.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('keeps size and classes of the folds equal within one image, where nothing belongs together', () => {
    const single = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 6, maxLength: 60 });
    fc.assert(
      fc.property(single, counts, seeds, (labels, count, seed) => {
        const rows = labels.map((label, image) => rowOf(image, [label]));
        const folds = assignFolds({ digest, rows }, every(rows), count, seed);
        expect(spread(folds.map(({ validation }) => validation.length))).toBeLessThanOrEqual(1);
        for (const label of ['a', 'b', 'c', 'd'])
          expect(spread(folds.map((fold) => labelled(rows, fold, label))), label).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('balances each class as well as its groups allow: no fold has more than its share and the rest of one group', () => {
    const patients = fc.array(fc.record({ label: fc.constantFrom('a', 'b', 'c'), images: fc.integer({ min: 1, max: 9 }) }), {
      minLength: 6,
      maxLength: 30,
    });
    fc.assert(
      fc.property(patients, counts, seeds, (of, count, seed) => {
        const rows = of
          .flatMap(({ label, images }, patient) => Array.from({ length: images }, () => ({ label, group: `${patient}` })))
          .map(({ label, group }, image) => rowOf(image, [label], { group }));
        const folds = assignFolds({ digest, rows }, every(rows), count, seed);
        for (const label of ['a', 'b', 'c']) {
          const sizes = of.filter((patient) => patient.label === label).map(({ images }) => images);
          const share = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / count);
          const restOfLargest = Math.max(1, ...sizes) - 1;
          for (const fold of folds) expect(labelled(rows, fold, label)).toBeLessThanOrEqual(share + restOfLargest);
        }
      }),
    );
  });

  it('spreads rare labels over the folds where images have several', () => {
    const rows = Array.from({ length: 60 }, (_, image) =>
      rowOf(image, [...(image % 10 === 0 ? ['a'] : []), ...(image % 2 === 0 ? ['b'] : []), ...(image % 3 === 1 ? ['c'] : [])]),
    );
    for (let seed = 0; seed < 20; seed++) {
      const folds = assignFolds({ digest, rows }, every(rows), 3, seed);
      expect(folds.map((fold) => labelled(rows, fold, 'a'))).toEqual([2, 2, 2]);
      expect(spread(folds.map((fold) => labelled(rows, fold, 'b')))).toBeLessThanOrEqual(2);
      expect(spread(folds.map(({ validation }) => validation.length))).toBeLessThanOrEqual(2);
    }
  });

  it('divides the images that are named, and keeps together what only an image beside them joins', () => {
    const rows = Array.from({ length: 12 }, (_, image) => rowOf(image, ['a'], { group: `${Math.floor(image / 2)}` }));
    const images = [0, 1, 4, 5, 8, 9, 10];
    const folds = assignFolds({ digest, rows }, images, 2, 0);
    expect(folds.flatMap(({ validation }) => validation).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(foldOf(folds, 0)).toBe(foldOf(folds, 1));
  });

  it('depends on digest, images and seed, and on nothing else', () => {
    const rows = Array.from({ length: 40 }, (_, image) => rowOf(image, [`${image % 4}`]));
    const folds = assignFolds({ digest, rows }, every(rows), 4, 1);
    expect(assignFolds({ digest, rows }, every(rows), 4, 1)).toEqual(folds);
    expect(assignFolds({ digest, rows }, every(rows), 4, 2)).not.toEqual(folds);
  });

  it.each([1, 7, 2.5])('refuses %d folds of 6 images', (count) => {
    const rows = Array.from({ length: 6 }, (_, image) => rowOf(image, ['a']));
    expect(() => assignFolds({ digest, rows }, every(rows), count, 0)).toThrow(
      expect.objectContaining({ code: 'FOLDS_TOO_MANY' }),
    );
  });

  it('refuses more folds than there are groups, and says how many there are', () => {
    const rows = Array.from({ length: 20 }, (_, image) => rowOf(image, ['a'], { group: `${image % 3}` }));
    expect(() => assignFolds({ digest, rows }, every(rows), 4, 0)).toThrow(
      expect.objectContaining({ code: 'FOLDS_TOO_MANY', message: expect.stringContaining('2 to 3') }),
    );
  });
});

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** No folds where what belongs together leaves fewer sets than folds. */
function foldsOrRefusal(rows: readonly ManifestRow[], count: number, seed: number): Fold[] {
  try {
    return assignFolds({ digest, rows }, every(rows), count, seed);
  } catch (error) {
    expect(error).toMatchObject({ code: 'FOLDS_TOO_MANY' });
    return [];
  }
}
