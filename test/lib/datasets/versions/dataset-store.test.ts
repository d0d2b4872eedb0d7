import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../lib/contracts/dataset.ts';
import { byPath } from '../../../../lib/datasets/tables/order.ts';
import { listDatasets, openDataset, readVersions, removeVersions } from '../../../../lib/datasets/versions/dataset-store.ts';
import { deleteDataset } from '../../../../lib/datasets/versions/delete-dataset.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { contendedStore } from '../../../support/contended-store.ts';
import { enterRows } from '../../../support/datasets/put-dataset.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { testWorld } from '../../../support/world.ts';

describe('openDataset', () => {
  it('opens the latest version, or the one whose digest is given in full or in part', async () => {
    const store = newStore();
    const [first = '', second = ''] = [
      await enter(store, 'pets', [row('cat/1', 'cat')]),
      await enter(store, 'pets', [row('dog/1', 'dog')]),
    ];
    expect((await openDataset('pets', store)).digest).toBe(second);
    expect((await openDataset('pets:latest', store)).digest).toBe(second);
    expect((await openDataset(`pets@${first}`, store)).digest).toBe(first);
    expect((await openDataset(`pets@${first.slice(0, 15)}`, store)).digest).toBe(first);
  });

  it('does not suggest a data set that was deleted', async () => {
    const store = newStore();
    await enter(store, 'pets', [row('cat/1', 'cat')]);
    await enter(store, 'cars', [row('bus/1', 'bus')]);
    await deleteDataset('pets', { ...testWorld(), store });
    for (const ref of ['pets', 'pest'])
      await expect(openDataset(ref, store)).rejects.toMatchObject({
        code: 'DATASET_NOT_FOUND',
        expected: 'one of cars',
        fix: expect.stringContaining('graft upload'),
      });
  });

  it('numbers the classes by the order of their labels', async () => {
    const store = newStore();
    await enter(store, 'pets', [row('2', 'dog'), row('1', 'cat'), row('3', 'ant'), row('4', 'dog')]);
    const { labels, targets, rows, task } = await openDataset('pets', store);
    expect(rows.map(({ path }) => path)).toEqual(['1', '2', '3', '4']);
    expect(labels).toEqual(['ant', 'cat', 'dog']);
    expect(targets).toEqual([[1], [2], [0], [2]]);
    expect(task).toBe('single-label');
  });

  it('is multi-label where an image has several labels or none', async () => {
    const store = newStore();
    await enter(store, 'scenes', [row('1', 'sea', 'sky'), row('2'), row('3', 'sky')]);
    expect(await openDataset('scenes', store)).toMatchObject({
      task: 'multi-label',
      labels: ['sea', 'sky'],
      targets: [[0, 1], [], [1]],
    });
  });

  it.each([
    { ref: 'pest', code: 'DATASET_NOT_FOUND', says: 'did you mean pets?' },
    { ref: 'unheard-of', code: 'DATASET_NOT_FOUND', says: 'graft upload' },
    { ref: `pets@sha256-${'0'.repeat(64)}`, code: 'DATASET_VERSION_NOT_FOUND', says: 'one of sha256-' },
    { ref: 'pets@sha256-', code: 'DATASET_VERSION_NOT_FOUND', says: '2 versions' },
  ])('does not find $ref, and says what there is', async ({ ref, code, says }) => {
    const store = newStore();
    await enter(store, 'pets', [row('cat/1', 'cat')]);
    await enter(store, 'pets', [row('dog/1', 'dog')]);
    await expect(openDataset(ref, store)).rejects.toMatchObject({ code, message: expect.stringContaining(says) });
  });

  it('notices a manifest that is not what it was', async () => {
    const store = newStore();
    const digest = await enter(store, 'pets', [row('cat/1', 'cat')]);
    await store.put(`manifests/${digest}.jsonl`, Buffer.from('{}\n'));
    await expect(openDataset('pets', store)).rejects.toMatchObject({ code: 'MANIFEST_CHANGED' });
    await store.delete(`manifests/${digest}.jsonl`);
    await expect(openDataset('pets', store)).rejects.toMatchObject({ code: 'MANIFEST_MISSING' });
  });
});

describe('listDatasets', () => {
  it('gives the data sets by name, a page at a time', async () => {
    const store = newStore();
    for (const name of ['pets', 'cars', 'birds']) await enter(store, name, [row('cat/1', 'cat')]);
    const first = await listDatasets(store, { limit: 2 });
    expect(first).toMatchObject({ datasets: [{ name: 'birds' }, { name: 'cars' }], next: 'cars' });
    const second = await listDatasets(store, { limit: 2, after: first.next });
    expect(second.datasets.map(({ name }) => name)).toEqual(['pets']);
    expect(second.next).toBeUndefined();
  });
});

describe('removeVersions', () => {
  it('returns only what it removed if another process removes some of the versions meanwhile', async () => {
    const store = newStore();
    const first = await enter(store, 'pets', [row('cat/1', 'cat')]);
    const second = await enter(store, 'pets', [row('dog/1', 'dog')]);
    const contended = contendedStore(store, () => removeVersions('pets', new Set([first]), store));
    const removed = await removeVersions('pets', new Set([first, second]), contended);
    expect(removed.map(({ digest }) => digest)).toEqual([second]);
    expect(await readVersions('pets', store)).toEqual([]);
  });
});

function newStore(): ObjectStore {
  return openFileStore({ directory: temporaryFolder(), clock: manualClock() });
}

function row(path: string, ...labels: string[]): ManifestRow {
  return { path, sha256: 'a'.repeat(64), labels, width: 8, height: 8 };
}

function enter(store: ObjectStore, name: string, rows: readonly ManifestRow[]): Promise<string> {
  return enterRows(name, rows.toSorted(byPath), { store, clock: manualClock() });
}
