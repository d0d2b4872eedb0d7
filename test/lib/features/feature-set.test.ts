import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { openFeatureSet, runsOf } from '../../../lib/features/feature-set.ts';
import { writeShard } from '../../../lib/features/feature-shard.ts';
import { indexImages } from '../../../lib/features/index-images.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const WIDTH = 3;
const PER_SHARD = 4;

function shaOf(image: number): string {
  return createHash('sha256').update(`${image}`).digest('hex');
}

/** The features of an image: its number in every column. */
function featuresOf(images: readonly number[]): Float32Array {
  return Float32Array.from(images.flatMap((image) => Array.from({ length: WIDTH }, () => image)));
}

async function writeShards(images: readonly number[], store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for (let start = 0; start < images.length; start += PER_SHARD) {
    const part = images.slice(start, start + PER_SHARD);
    const key = `features/${start}`;
    await store.put(key, writeShard({ shape: [WIDTH], images: part.map(shaOf), data: featuresOf(part) }));
    keys.push(key);
  }
  return keys;
}

const images = [7, 3, 9, 3, 1, 8, 2, 0, 6, 5, 4, 9];

it.each([
  ['in memory', undefined],
  ['in a file', 0],
])('reads rows %s in the order that is asked for, also those of an image that several rows have', async (_, memoryBytes) => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const shards = await writeShards([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], store);
  const features = await openFeatureSet(indexImages(images.map(shaOf)), [WIDTH], shards, store, memoryBytes);
  try {
    for (const rows of [[...images.keys()], [11, 0, 1, 2, 1, 2, 3, 9, 8], [5], []]) {
      expect(await features.gather(rows)).toEqual(featuresOf(rows.map((row) => images[row] ?? -1)));
    }
  } finally {
    await features.close();
  }
});

it('reads rows that follow each other at once, up to 1 GiB', () => {
  const rows = [...new Array(700).keys(), 900];
  const starts = (bytesOfRow: number) => runsOf(rows, bytesOfRow).map(({ row, length }) => [row, length]);
  expect(starts(4)).toEqual([
    [0, 700],
    [900, 1],
  ]);
  // Flattened features of efficientnet_b7: Node ends the process if a read is 2 GiB.
  expect(starts(4 * 924_160)).toEqual([
    [0, 290],
    [290, 290],
    [580, 120],
    [900, 1],
  ]);
  expect(runsOf([0, 1], 2 ** 31)).toHaveLength(2);
});

it('names the number of images without features', async () => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const shards = await writeShards([3, 9], store);
  await expect(openFeatureSet(indexImages(images.map(shaOf)), [WIDTH], shards, store)).rejects.toMatchObject({
    code: 'FEATURES_MISSING',
    received: '8 images without',
  });
});

it('names the image whose stored features are not finite, also if no check was made when they were stored', async () => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const data = featuresOf([3, 9]);
  data[WIDTH + 1] = Number.NaN;
  await store.put('features/0', writeShard({ shape: [WIDTH], images: [3, 9].map(shaOf), data }));
  const open = (wanted: readonly number[]) => openFeatureSet(indexImages(wanted.map(shaOf)), [WIDTH], ['features/0'], store);
  await expect(open([9, 3])).rejects.toMatchObject({
    name: 'DataError',
    code: 'FEATURES_NOT_FINITE',
    at: blobKey(shaOf(9)),
    received: 'NaN',
  });
  const others = await open([3]);
  expect(await others.gather([0]), 'other images of the shard stay usable').toEqual(featuresOf([3]));
  await others.close();
});
