import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { type Split, splitDataset } from '../../../../lib/datasets/splits/split-dataset.ts';
import { splitVersion } from '../../../../lib/datasets/splits/split-version.ts';
import { byPath } from '../../../../lib/datasets/tables/order.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { randomStream } from '../../../../lib/random.ts';
import { enterRows } from '../../../support/datasets/put-dataset.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

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

  it('assigns the small classes in turn, so that together they come near the shares', () => {
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

describe('splitDataset of images that belong together', () => {
  /** Classes, groups and near duplicates as they come. */
  const odd = fc.array(
    fc.record({
      labels: fc.subarray(['a', 'b', 'c']),
      group: fc.option(fc.integer({ min: 0, max: 4 }).map(String), { nil: undefined }),
      look: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
      split: fc.option(fc.constantFrom(...parts), { nil: undefined, freq: 2 }),
    }),
    { maxLength: 40 },
  );
  const rowsFrom = (
    images: readonly {
      labels: string[];
      group?: string | undefined;
      look?: number | undefined;
      split?: (typeof parts)[number] | undefined;
    }[],
  ): ManifestRow[] =>
    images.map(({ labels, group, look, split }, image) => ({
      ...rowOf(0, String(image), `${image}`),
      labels,
      ...(group !== undefined && { group }),
      ...(look !== undefined && { hash: nearTo(look, image) }),
      ...(split !== undefined && { split }),
    }));

  it('puts every image into exactly one part, whatever is given and belongs together', () => {
    fc.assert(
      fc.property(odd, shares, seeds, (images, wanted, seed) => {
        const rows = rowsFrom(images);
        const split = splitDataset({ digest, rows }, wanted, seed);
        expect(parts.flatMap((part) => split[part]).sort((a, b) => a - b)).toEqual([...rows.keys()]);
      }),
    );
  });

  it('has no group and no near duplicates in two parts, where nothing is given', () => {
    fc.assert(
      fc.property(odd, shares, seeds, (images, wanted, seed) => {
        const rows = rowsFrom(images.map(({ split: _, ...image }) => image));
        const split = splitDataset({ digest, rows }, wanted, seed);
        expect(split.leakingGroups).toEqual([]);
        for (const keyOf of [({ group }: ManifestRow) => group, ({ hash }: ManifestRow) => hash?.slice(0, 60)]) {
          for (const [key, together] of Map.groupBy(rows.keys(), (row) => keyOf(rows[row]!)))
            if (key !== undefined) expect(new Set(together.map((row) => partOf(split, row))).size).toBe(1);
        }
      }),
    );
  });

  it('leaves every image where the manifest has put it, but holds out a validation where it gives none', () => {
    fc.assert(
      fc.property(odd, shares, seeds, (images, wanted, seed) => {
        const rows = rowsFrom(images);
        const split = splitDataset({ digest, rows }, wanted, seed);
        const holdsOut = rows.every((row) => row.split !== 'validation');
        for (const [row, { split: given }] of rows.entries()) {
          if (given === 'train' && holdsOut) expect(partOf(split, row)).not.toBe('test');
          else if (given !== undefined) expect(partOf(split, row)).toBe(given);
        }
      }),
    );
    const given = Array.from({ length: 40 }, (_, image) => ({
      ...rowOf(image % 2, `${image}`, `${image}`),
      split: parts[image < 32 ? 0 : 2],
    }));
    const split = splitDataset({ digest, rows: given }, { train: 0.6, validation: 0.2, test: 0.2 }, 0);
    expect([split.train.length, split.validation.length, split.test.length]).toEqual([24, 8, 8]);
  });

  it('names what a given split tears apart', () => {
    const rows = [0, 1, 2, 3].map((image) => ({
      ...rowOf(image % 2, `${image}`, `${image}`),
      group: `${image % 2}`,
      split: parts[image < 3 ? 0 : 2],
    }));
    expect(splitDataset({ digest, rows }, { train: 0.7, validation: 0.1, test: 0.2 }, 0).leakingGroups).toEqual([[1, 3]]);
  });
});

describe('splitDataset of a later version', () => {
  it('moves no image that was assigned before, and brings the new ones near the shares', () => {
    const growth = fc.array(fc.tuple(fc.integer({ min: 2, max: 30 }), fc.integer({ min: 0, max: 30 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(growth, shares, seeds, (classes, wanted, seed) => {
        const before = rowsOf(classes.map(([old]) => old));
        const first = splitDataset({ digest, rows: before }, wanted, seed);
        const earlier = new Map(before.map(({ sha256 }, row) => [sha256, partOf(first, row)]));
        const rows = rowsOf(classes.map(([old, added]) => old + added));
        const later = splitDataset({ digest: digest.replace('a', 'b'), rows }, wanted, seed, earlier);
        for (const [row, { sha256 }] of rows.entries())
          if (earlier.has(sha256)) expect(partOf(later, row)).toBe(earlier.get(sha256));
        for (const [label, [old, added]] of classes.entries())
          for (const part of parts)
            expect(Math.abs(countOf(later, part, rows, label) - (old + added) * wanted[part])).toBeLessThan(2);
      }),
    );
  });

  it('lets a new image follow those that it belongs with, and names leaking groups from before', () => {
    const rows = [0, 1, 2].map((image) => ({ ...rowOf(0, `${image}`, `${image}`), group: 'one' }));
    const earlier = new Map([
      [fingerprint('0'), 'test' as const],
      [fingerprint('1'), 'train' as const],
    ]);
    const split = splitDataset({ digest, rows }, { train: 0.7, validation: 0.1, test: 0.2 }, 0, earlier);
    expect(split).toEqual({ train: [1, 2], validation: [], test: [0], leakingGroups: [[0, 1, 2]] });
  });
});

describe('splitVersion', () => {
  it('keeps every image on its side through all versions, and the same version has the same split', async () => {
    const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
    const wanted = { train: 0.7, validation: 0.1, test: 0.2 };
    const sides = new Map<string, string>();
    for (const size of [10, 14, 12, 40]) {
      const rows = rowsOf([size, size]).sort(byPath);
      const version = { name: 'pets', digest: await enterRows('pets', rows, { store, clock: manualClock() }), rows };
      const split = await splitVersion(version, wanted, 3, store);
      expect(await splitVersion(version, wanted, 3, store)).toEqual(split);
      for (const [row, { sha256 }] of rows.entries()) {
        expect(partOf(split, row)).toBe(sides.get(sha256) ?? partOf(split, row));
        sides.set(sha256, partOf(split, row));
      }
    }
    expect(sides.size).toBe(80);
  });
});

const digest = `sha256-${'a'.repeat(64)}`;

function rowOf(label: number, image: string, sha256: string): ManifestRow {
  return {
    path: `class-${label}/${image.padStart(3, '0')}.jpg`,
    sha256: fingerprint(sha256),
    labels: [`class-${label}`],
    width: 8,
    height: 8,
  };
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

function partOf(split: Split, row: number): (typeof parts)[number] {
  return parts.find((part) => split[part].includes(row))!;
}

/** A hash like that of every image of this look, and unlike all others. */
function nearTo(look: number, image: number): string {
  const { integer } = randomStream(look, 'look');
  const digits = Array.from({ length: 60 }, () => integer(16).toString(16)).join('');
  return `${digits}${(image % 65_536).toString(16).padStart(4, '0')}`;
}

/** Stands for the SHA-256 of bytes of this name. */
function fingerprint(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(64, '0');
}
