import { expect, it } from 'vitest';
import { putManifest } from '../../../../lib/datasets/versions/manifest.ts';
import { recallManifest, rememberManifest } from '../../../../lib/datasets/versions/recent-manifests.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { putDataset, range } from '../../../support/datasets/put-dataset.ts';
import { testWorld } from '../../../support/world.ts';

/** A store that counts how often a manifest is read. */
async function opened() {
  const world = testWorld();
  const digests = [];
  for (const last of [3, 4, 5, 6]) digests.push(await putDataset(`d${last}`, range(0, last), world));
  let reads = 0;
  const store: ObjectStore = {
    ...world.store,
    get(key) {
      if (key.startsWith('manifests/')) reads++;
      return world.store.get(key);
    },
  };
  return { store, digests, reads: () => reads };
}

it('reads a manifest once, also for requests at the same time, and the latest of several again and again', async () => {
  const { store, digests, reads } = await opened();
  const [first = '', ...others] = digests;
  const [one, other] = await Promise.all([recallManifest(first, store), recallManifest(first, store)]);
  expect([one.length, other.length, reads()]).toEqual([3, 3, 1]);
  for (const digest of others) await recallManifest(digest, store);
  expect(reads()).toBe(4);
  for (const digest of others) await recallManifest(digest, store);
  expect(reads()).toBe(4);
  await recallManifest(first, store);
  expect(reads()).toBe(5);
});

it('does not read what was written just now', async () => {
  const { store, digests, reads } = await opened();
  const rows = await recallManifest(digests[0] ?? '', store);
  await putManifest('sha256-new', rows, store);
  await rememberManifest('sha256-new', rows, store);
  expect(await recallManifest('sha256-new', store)).toEqual(rows);
  expect(reads()).toBe(1);
});

it('reads a manifest again after a failure', async () => {
  const { store, digests } = await opened();
  const [first = ''] = digests;
  const failing = { ...store, get: () => Promise.reject(new Error('disk')) };
  await expect(recallManifest(first, failing)).rejects.toThrow('disk');
  Object.assign(failing, { get: store.get });
  expect(await recallManifest(first, failing)).toHaveLength(3);
});
