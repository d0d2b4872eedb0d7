import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { fillValidation } from '../../../../lib/datasets/splits/fill-validation.ts';
import { splitDataset } from '../../../../lib/datasets/splits/split-dataset.ts';
import { splitVersion } from '../../../../lib/datasets/splits/split-version.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { enterRows, shaOf } from '../../../support/datasets/put-dataset.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const shares = { train: 0.7, validation: 0.1, test: 0.2 };
const digest = `sha256-${'a'.repeat(64)}`;

type Group = readonly string[];

/** @param groups the labels of each group's images */
function rowsOf(groups: readonly Group[], more: Partial<ManifestRow> = {}): ManifestRow[] {
  return groups
    .flatMap((labels, group) => labels.map((label) => ({ label, group })))
    .map(({ label, group }, image) => ({
      path: `${`${image}`.padStart(3, '0')}.png`,
      sha256: shaOf(image),
      labels: [label],
      width: 8,
      height: 8,
      group: `${group}`,
      ...more,
    }));
}

function pairs(count: number): Group {
  return Array.from({ length: count }, () => ['a', 'b']).flat();
}

async function storedSplits(...versions: ManifestRow[][]) {
  const world = { store: openFileStore({ directory: temporaryFolder(), clock: manualClock() }), clock: manualClock() };
  const splits = [];
  for (const rows of versions) {
    const version = { name: 'pets', digest: await enterRows('pets', rows, world), rows };
    splits.push(await splitVersion(version, shares, 0, world.store));
  }
  return splits;
}

describe('splitVersion', () => {
  it('validates on a group where four groups of equal size would leave no validation images', async () => {
    const rows = rowsOf([pairs(5), pairs(5), pairs(5), pairs(5)]);
    const [split] = await storedSplits(rows);
    expect([split?.train.length, split?.validation.length, split?.test.length]).toEqual([20, 10, 10]);
    expect(new Set(split?.validation.map((row) => rows[row]?.group)).size).toBe(1);
  });

  it('validates on training images of a later version that lacks the earlier validation images', async () => {
    const rows = rowsOf(Array.from({ length: 20 }, (_, image) => [image % 2 === 0 ? 'a' : 'b']));
    const [first] = await storedSplits(rows);
    const later = rows.filter((_, row) => !first?.validation.includes(row));
    const [, split] = await storedSplits(rows, later);
    expect(split?.validation).toHaveLength(1);
    expect(split?.test.map((row) => later[row])).toEqual(first?.test.map((row) => rows[row]));
  });
});

describe('fillValidation', () => {
  it('moves the smallest group without which each label still has training images', () => {
    const rows = rowsOf([['a', 'a', 'b'], ['c'], ['a', 'b'], ['a', 'b'], ['c', 'a', 'b']]);
    const split = { train: [...rows.keys()], validation: [], test: [], leakingGroups: [] };
    expect(fillValidation(split, { rows })).toEqual({ ...split, train: [0, 1, 2, 4, 5, 6, 7, 8, 9, 10], validation: [3] });
  });

  it.each<{ name: string; rows: ManifestRow[] }>([
    { name: 'all images belong together', rows: rowsOf([pairs(4)]) },
    { name: 'the manifest has one training image of each class', rows: rowsOf([['a'], ['b']], { split: 'train' }) },
    { name: 'there are no images', rows: [] },
  ])('leaves the validation set empty where $name', ({ rows }) => {
    const split = splitDataset({ digest, rows }, shares, 0);
    expect(split.validation).toEqual([]);
    expect(fillValidation(split, { rows })).toEqual(split);
  });

  it('changes no split that has validation images, and takes no label and no part of a group from the training set', () => {
    const groups = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 }), { maxLength: 6 });
    fc.assert(
      fc.property(groups, fc.nat({ max: 2 ** 32 - 1 }), (of, seed) => {
        const rows = rowsOf(of);
        const before = splitDataset({ digest, rows }, shares, seed);
        const after = fillValidation(before, { rows });
        if (before.validation.length > 0) expect(after).toBe(before);
        expect([...after.train, ...after.validation].sort((x, y) => x - y)).toEqual(
          [...before.train, ...before.validation].sort((x, y) => x - y),
        );
        expect(after.test).toBe(before.test);
        const labels = (of: readonly number[]) => new Set(of.flatMap((row) => rows[row]?.labels ?? []));
        const validated = new Set(after.validation.map((row) => rows[row]?.group));
        expect(labels(after.train)).toEqual(labels(before.train));
        expect(after.train.filter((row) => validated.has(rows[row]?.group))).toEqual([]);
      }),
    );
  });
});
