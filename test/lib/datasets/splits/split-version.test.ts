import { describe, expect, it } from 'vitest';
import { splitVersion } from '../../../../lib/datasets/splits/split-version.ts';
import { openDataset, readLineage, recordDocument } from '../../../../lib/datasets/versions/dataset-store.ts';
import { deleteDataset } from '../../../../lib/datasets/versions/delete-dataset.ts';
import { fixLineage, readFixedLineage } from '../../../../lib/datasets/versions/fixed-lineage.ts';
import { changeDocument } from '../../../../lib/store/documents.ts';
import { collectGarbage } from '../../../support/collect-garbage.ts';
import { putDataset, range } from '../../../support/datasets/put-dataset.ts';
import { testWorld } from '../../../support/world.ts';

const shares = { train: 0.7, validation: 0.1, test: 0.2 };

async function threeVersions() {
  const world = testWorld();
  const digests: string[] = [];
  for (const size of [10, 25, 60]) digests.push(await putDataset('pets', range(0, size), world));
  const [first = '', second = '', third = ''] = digests;
  const split = async () => splitVersion(await openDataset('pets', world.store), shares, 3, world.store);
  const manifests = async () => (await world.store.list('manifests/')).objects.length;
  return { world, first, second, third, split, manifests };
}

describe('the split of a version', () => {
  it('stays the same when earlier versions are deleted, in any order', async () => {
    const { world, first, second, third, split, manifests } = await threeVersions();
    const before = await split();
    for (const digest of [second, first]) {
      await deleteDataset(`pets@${digest}`, world);
      await collectGarbage(world);
      expect(await split()).toEqual(before);
      expect(await readLineage('pets', world.store)).toEqual([first, second]);
    }
    expect(await manifests()).toBe(3);
    await deleteDataset(`pets@${third}`, world);
    await collectGarbage(world);
    expect(await manifests()).toBe(0);
  });

  it('is that of its first time for a version that was deleted and comes back', async () => {
    const { world, first, second, third } = await threeVersions();
    await deleteDataset(`pets@${second}`, world);
    await putDataset('pets', range(0, 25), world);
    expect(await readLineage(`pets@${second}`, world.store)).toEqual([first]);
    expect(await readLineage(`pets@${third}`, world.store)).toEqual([first, second]);
  });

  it.each([
    { returning: 'the first version', sizes: [10, 25, 10, 60], order: [10, 25] },
    { returning: 'the second version, and then the first one', sizes: [10, 25, 40, 25, 10, 60], order: [10, 25, 40] },
    { returning: 'the first version several times', sizes: [10, 25, 10, 40, 10, 60], order: [10, 25, 40] },
  ])('begins with those of all earlier versions if imports return to $returning', async ({ sizes, order }) => {
    const world = testWorld();
    const digests = new Map<number, string>();
    for (const size of sizes) digests.set(size, await putDataset('pets', range(0, size), world));
    expect(await readLineage('pets', world.store)).toEqual(order.map((size) => digests.get(size)));
  });

  it('begins with that of a deleted version through which another one descends from the latest', async () => {
    const { world, first, second, third } = await threeVersions();
    await deleteDataset(`pets@${second}`, world);
    await putDataset('pets', range(0, 10), world);
    await putDataset('pets', range(0, 80), world);
    expect(await readLineage('pets', world.store)).toEqual([first, second, third]);
  });

  it('begins with the ancestors that its job has fixed, whatever was imported before it since', async () => {
    const { world, first, second } = await threeVersions();
    const fixed = await fixLineage(`pets@${second}`, world.store);
    const version = await openDataset(`pets@${second}`, world.store);
    const before = await splitVersion(version, shares, 3, world.store, { lineage: fixed });
    expect(before).toEqual(await splitVersion(version, shares, 3, world.store));

    // The deletion of all versions forgets what descends from what.
    await deleteDataset('pets', world);
    for (const size of [10, 40, 25]) await putDataset('pets', range(0, size), world);
    expect(await readLineage(`pets@${second}`, world.store)).toHaveLength(2);
    expect(await readFixedLineage(`pets@${second}`, fixed, world.store)).toEqual([first]);
    expect(await splitVersion(version, shares, 3, world.store, { lineage: fixed })).toEqual(before);
    expect(await splitVersion(version, shares, 3, world.store)).not.toEqual(before);
  });

  it('is refused if the ancestors that its job has fixed are gone', async () => {
    const { world, second } = await threeVersions();
    const lineage = await fixLineage(`pets@${second}`, world.store);
    const version = await openDataset(`pets@${second}`, world.store);
    await deleteDataset('pets', world);
    await putDataset('pets', range(0, 25), world);
    await expect(splitVersion(version, shares, 3, world.store, { lineage })).rejects.toMatchObject({
      code: 'SPLIT_UNAVAILABLE',
      at: `pets@${second}`,
      received: 'no earlier version',
    });
  });

  it('of a version without ancestors never gets any', async () => {
    const { world, first } = await threeVersions();
    const lineage = await fixLineage(`pets@${first}`, world.store);
    await deleteDataset('pets', world);
    for (const size of [25, 10]) await putDataset('pets', range(0, size), world);
    expect(await readFixedLineage(`pets@${first}`, lineage, world.store)).toEqual([]);
  });

  it('leaves out an ancestor that an earlier release deleted', async () => {
    const { world, first, second, split } = await threeVersions();
    await deleteDataset(`pets@${second}`, world);
    await changeDocument(world.store, recordDocument, 'pets', (record) => {
      if (record === undefined) return undefined;
      const { ancestors: _, ...rest } = record;
      return rest;
    });
    await deleteDataset(`pets@${first}`, world);
    await collectGarbage(world);
    const { train, validation, test } = await split();
    expect(train.length + validation.length + test.length).toBe(60);
  });
});
