import { describe, expect, it } from 'vitest';
import { SplitPart } from '../../../../lib/contracts/dataset.ts';
import { splitDataset } from '../../../../lib/datasets/splits/split-dataset.ts';
import { type SplitOptions, splitVersion } from '../../../../lib/datasets/splits/split-version.ts';
import { labelledRows } from '../../../../lib/datasets/tables/rows.ts';
import { openDataset, readLineage } from '../../../../lib/datasets/versions/dataset-store.ts';
import { readManifest } from '../../../../lib/datasets/versions/manifest.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { listKeys } from '../../../../lib/store/list-keys.ts';
import { enterRows, shaOf } from '../../../support/datasets/put-dataset.ts';
import { watchedStore } from '../../../support/watched-store.ts';
import { testWorld } from '../../../support/world.ts';

const shares = { train: 0.7, validation: 0.1, test: 0.2 };
const IMAGES = 60;

/** Enters a version in which the first images have labels, and the others none yet. @returns its digest */
function label(count: number, world: ReturnType<typeof testWorld>): Promise<string> {
  const rows = Array.from({ length: IMAGES }, (_, image) => ({
    path: `${image}`.padStart(3, '0'),
    sha256: shaOf(image),
    ...(image < count ? { labels: [image % 3 === 0 ? 'a' : 'b'] } : { labels: [], unlabelled: true as const }),
    width: 8,
    height: 8,
  }));
  return enterRows('pets', rows, world);
}

/** A world with versions of so many labels, one after the other. */
async function worldWith(counts: readonly number[]) {
  const world = testWorld();
  const digests: string[] = [];
  for (const count of counts) digests.push(await label(count, world));
  return { world, digests };
}

/** The split of the latest version, as if there were no stored sets. */
async function splitOfAll(store: ObjectStore) {
  const earlier = new Map<string, SplitPart>();
  for (const digest of await readLineage('pets', store)) {
    const rows = labelledRows(await readManifest(digest, store));
    const split = splitDataset({ digest, rows }, shares, 3, earlier);
    for (const part of SplitPart.options) for (const row of split[part]) earlier.set(rows.at(row)?.sha256 ?? '', part);
  }
  return splitDataset(await openDataset('pets', store), shares, 3, earlier);
}

/** Splits the latest version. @returns the split, and the digests of the manifests that it read */
async function split(store: ObjectStore, options: SplitOptions = {}, seed = 3) {
  const dataset = await openDataset('pets', store);
  const read: string[] = [];
  const watched = watchedStore(store, async (_, name, [key]) => {
    const [, digest] = /^manifests\/(.*)\.jsonl$/.exec(String(key)) ?? [];
    if (name === 'get' && digest !== undefined) read.push(digest);
  });
  return { split: await splitVersion(dataset, shares, seed, watched, options), read };
}

async function stored(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listKeys(store, 'splits/')) keys.push(key);
  return keys;
}

describe('the sets of the images of earlier versions', () => {
  it('are stored, so that a job splits only the versions since the last job', async () => {
    const counts = Array.from({ length: 30 }, (_, version) => 20 + version);
    const { world, digests } = await worldWith(counts);
    const { store } = world;
    const first = await split(store);
    expect(first).toEqual({ split: await splitOfAll(store), read: digests.slice(0, -1) });
    expect(await split(store)).toEqual({ split: first.split, read: [] });

    await label(50, world);
    const next = await split(store);
    expect(next).toEqual({ split: await splitOfAll(store), read: [digests.at(-1)] });
    for (const key of await stored(store)) await store.delete(key);
    expect((await split(store)).split).toEqual(next.split);
  });

  it('are those of one seed, and of the shares', async () => {
    const { world } = await worldWith([20, 40, 60]);
    const { store } = world;
    const alone = await split(store, {}, 4);
    for (const key of await stored(store)) await store.delete(key);
    await split(store);
    expect(await split(store, {}, 4)).toEqual(alone);
    const dataset = await openDataset('pets', store);
    await splitVersion(dataset, { train: 0.5, validation: 0.25, test: 0.25 }, 3, store);
    expect(await stored(store)).toHaveLength(3);
  });

  it('are not stored for a version that is the first one', async () => {
    const { world } = await worldWith([60]);
    await split(world.store);
    expect(await stored(world.store)).toEqual([]);
  });

  it.each([
    ['cut', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['changed', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte))],
    ['empty', () => new Uint8Array()],
  ])('are made again from older ones if they are %s', async (_, damage) => {
    const { world, digests } = await worldWith([20, 30]);
    const { store } = world;
    await split(store);
    await label(40, world);
    const before = await split(store);
    const key = (await stored(store)).find((one) => one.includes(`${digests[1]}`)) ?? '';
    const body = (await store.get(key))?.body ?? new Uint8Array();
    await store.put(key, Buffer.from(damage(body)));
    expect(await split(store)).toEqual({ split: before.split, read: [digests[1]] });
    expect(Buffer.from((await store.get(key))?.body ?? [])).toEqual(Buffer.from(body));
  });

  it('are stored as far as they were assigned if the work is interrupted, which ends before the next version', async () => {
    const { world, digests } = await worldWith([20, 30, 40, 50]);
    const abort = new AbortController();
    const read: string[] = [];
    const aborting = watchedStore(world.store, async (_, name, [key]) => {
      if (name !== 'get' || !String(key).startsWith('manifests/')) return;
      read.push(String(key));
      abort.abort(new Error('cancelled'));
    });
    const dataset = await openDataset('pets', world.store);
    await expect(splitVersion(dataset, shares, 3, aborting, { signal: abort.signal })).rejects.toThrow('cancelled');
    expect(read).toEqual([`manifests/${digests[0]}.jsonl`]);
    expect(await split(world.store)).toEqual({ split: await splitOfAll(world.store), read: digests.slice(1, 3) });
    await expect(split(world.store, { signal: abort.signal })).rejects.toThrow('cancelled');
  });
});
