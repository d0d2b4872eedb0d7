import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../lib/contracts/dataset.ts';
import { type Split, splitDataset } from '../../../lib/datasets/split-dataset.ts';
import { randomStream } from '../../../lib/random.ts';

const parts = ['train', 'validation', 'test'] as const;
const seeds = fc.nat({ max: 2 ** 32 - 1 });
const classSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
const shares = fc
  .tuple(fc.integer({ min: 50, max: 89 }), fc.integer({ min: 1, max: 10 }))
  .map(([train, validation]) => ({ train: train / 100, validation: validation / 100, test: (100 - train - validation) / 100 }));

describe('splitDataset', () => {
  it('puts every image into exactly one part', () => {
    fc.assert(
      fc.property(classSizes, shares, seeds, (sizes, wanted, seed) => {
        const rows = rowsOf(sizes);
        const split = splitDataset({ digest, rows }, wanted, seed);
        expect(parts.flatMap((part) => split[part]).sort((a, b) => a - b)).toEqual([...rows.keys()]);
      }),
    );
  });

  it('keeps the shares of each class within one image', () => {
    fc.assert(
      fc.property(classSizes, shares, seeds, (sizes, wanted, seed) => {
        const rows = rowsOf(sizes);
        const split = splitDataset({ digest, rows }, wanted, seed);
        for (const [label, size] of sizes.entries()) {
          for (const part of parts) expect(Math.abs(countOf(split, part, rows, label) - size * wanted[part])).toBeLessThan(1);
        }
      }),
    );
  });

  it('puts at least one image of every class into the training, and leaves no part empty that two classes could fill', () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(sizes, shares, seeds, (sizes, wanted, seed) => {
        const rows = rowsOf(sizes);
        const split = splitDataset({ digest, rows }, wanted, seed);
        for (const label of sizes.keys()) expect(countOf(split, 'train', rows, label)).toBeGreaterThan(0);
        expect(split.validation.length).toBeGreaterThan(0);
        expect(split.test.length).toBeGreaterThan(0);
      }),
    );
  });

  it('depends on nothing but digest, shares and seed', () => {
    fc.assert(
      fc.property(classSizes, shares, seeds, (sizes, wanted, seed) => {
        const rows = rowsOf(sizes);
        const shuffled = randomStream(seed, 'order').shuffle(rows);
        const paths = (split: Split, of: readonly ManifestRow[]) =>
          parts.map((part) => split[part].map((row) => of[row]?.path).sort());
        const split = splitDataset({ digest, rows }, wanted, seed);
        expect(splitDataset({ digest, rows }, wanted, seed)).toEqual(split);
        expect(paths(splitDataset({ digest, rows: shuffled }, wanted, seed), shuffled)).toEqual(paths(split, rows));
      }),
    );
  });

  it('keeps files of the same content on one side, and each class within the largest such group', () => {
    const copies = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(copies, shares, seeds, (classes, wanted, seed) => {
        const rows = classes.flatMap((groups, label) =>
          groups.flatMap((count, group) =>
            Array.from({ length: count }, (_, copy) => rowOf(label, `${group}-${copy}`, `${label}-${group}`)),
          ),
        );
        const split = splitDataset({ digest, rows }, wanted, seed);
        const sides = new Map<string, Set<string>>();
        for (const part of parts) {
          for (const row of split[part]) {
            const sha256 = rows[row]?.sha256 ?? '';
            sides.set(sha256, (sides.get(sha256) ?? new Set()).add(part));
          }
        }
        for (const sidesOfOne of sides.values()) expect(sidesOfOne.size).toBe(1);
        for (const [label, groups] of classes.entries()) {
          const size = groups.reduce((sum, count) => sum + count, 0);
          for (const part of parts) {
            expect(Math.abs(countOf(split, part, rows, label) - size * wanted[part])).toBeLessThan(Math.max(...groups));
          }
        }
      }),
    );
  });

  it('deals the small classes out in turn, so that together they come near the shares', () => {
    const rows = rowsOf(Array.from({ length: 20 }, () => 5));
    const split = splitDataset({ digest, rows }, { train: 0.7, validation: 0.1, test: 0.2 }, 0);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([70, 10, 20]);
  });

  it('gives other images with another seed, and with another version of the data set', () => {
    const rows = rowsOf([50, 50]);
    const wanted = { train: 0.7, validation: 0.1, test: 0.2 };
    const split = splitDataset({ digest, rows }, wanted, 0);
    expect(splitDataset({ digest, rows }, wanted, 1)).not.toEqual(split);
    expect(splitDataset({ digest: digest.replace('a', 'b'), rows }, wanted, 0)).not.toEqual(split);
  });

  it('leaves the test empty where it has no share', () => {
    const split = splitDataset({ digest, rows: rowsOf([9, 3]) }, { train: 0.5, validation: 0.5, test: 0 }, 0);
    expect(split.test).toEqual([]);
  });

  it('spreads every label where images have several', () => {
    const random = randomStream(0, 'labels');
    const rows = Array.from({ length: 300 }, (_, image) => ({
      ...rowOf(0, String(image), String(image)),
      labels: ['often', 'half', 'seldom'].filter((_, label) => random.next() < [0.8, 0.5, 0.1][label]!),
    }));
    const wanted = { train: 0.7, validation: 0.1, test: 0.2 };
    const split = splitDataset({ digest, rows }, wanted, 0);
    for (const label of ['often', 'half', 'seldom']) {
      const having = rows.filter(({ labels }) => labels.includes(label)).length;
      for (const part of parts) {
        const here = split[part].filter((row) => rows[row]?.labels.includes(label)).length;
        expect(Math.abs(here - having * wanted[part])).toBeLessThan(3);
      }
    }
  });
});

const digest = `sha256-${'a'.repeat(64)}`;

function rowOf(label: number, image: string, sha256: string): ManifestRow {
  return { path: `class-${label}/${image}.jpg`, sha256, labels: [`class-${label}`], width: 8, height: 8 };
}

/** A data set of classes of these sizes, without duplicates. */
function rowsOf(sizes: readonly number[]): ManifestRow[] {
  return sizes.flatMap((size, label) =>
    Array.from({ length: size }, (_, image) => rowOf(label, String(image), `${label}-${image}`)),
  );
}

function countOf(split: Split, part: (typeof parts)[number], rows: readonly ManifestRow[], label: number): number {
  return split[part].filter((row) => rows[row]?.labels[0] === `class-${label}`).length;
}
