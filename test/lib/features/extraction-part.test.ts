import { cpSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { extractPart, imagesOfPart } from '../../../lib/features/extraction-part.ts';
import { shardImages } from '../../../lib/features/feature-shard.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { randomStream } from '../../../lib/random.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

it('gives every image to exactly one part, in whole shards', () => {
  fc.assert(
    fc.property(fc.nat({ max: 5000 }), fc.integer({ min: 1, max: 30 }), (images, count) => {
      const all = Array.from({ length: images }, (_, image) => String(image));
      const parts = Array.from({ length: count }, (_, index) => imagesOfPart(all, { index, count }));
      expect(parts.flat()).toEqual(all);
      expect(parts.slice(0, -1).every(({ length }) => length % 256 === 0)).toBe(true);
    }),
  );
});

it.each([
  { shape: [1280], images: 256 },
  { shape: [28, 28, 112], images: 256 },
  { shape: [38, 38, 300], images: 77 },
  { shape: [600, 600, 300], images: 1 },
])('bounds a shard of features of $shape by its bytes: $images images', ({ shape, images }) => {
  expect(shardImages(shape)).toBe(images);
});

it('writes in two parts the same objects as in one', async () => {
  await startTensorFlow();
  const clock = manualClock();
  const [one, two] = [temporaryFolder(), temporaryFolder()];
  const store = openFileStore({ directory: join(one, 'store'), clock });
  const files = await uploadBytes(store, await tinyImages(300));
  await importStored({ name: 'tiny', files }, { store, clock });
  const spec = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } as const;
  const trunk = await openTrunk({ ...spec, inputSize: [32, 32] }, { cut: 'top', pooling: 'globalAveragePool' }, store);
  cpSync(one, two, { recursive: true });

  const { rows } = await openDataset('tiny', store);
  const images = rows.map(({ sha256 }) => sha256);
  const options = { signal: new AbortController().signal, onProgress: () => {} };
  await extractFeatures(trunk, images, { store, ...options });

  const joined = openFileStore({ directory: join(two, 'store'), clock });
  await Promise.all([0, 1].map((index) => extractPart(trunk, images, { index, count: 2 }, { store: joined, ...options })));
  const objects = await featureObjects(store);
  expect(objects.size).toBe(2);
  expect(await featureObjects(joined)).toEqual(objects);
  const { decoded } = await extractFeatures(trunk, images, { store: joined, ...options });
  expect(decoded).toBe(0);
}, 120_000);

async function tinyImages(count: number): Promise<Record<string, Uint8Array>> {
  const random = randomStream(1, 'pixels');
  const raw = { width: 8, height: 8, channels: 3 } as const;
  const images = Array.from({ length: count }, async (_, image): Promise<[string, Uint8Array]> => {
    const pixels = Uint8Array.from({ length: 192 }, () => random.integer(256));
    return [`${image % 2}/${image}.png`, await sharp(pixels, { raw }).png().toBuffer()];
  });
  return Object.fromEntries(await Promise.all(images));
}

async function featureObjects(store: ObjectStore): Promise<Map<string, Uint8Array | undefined>> {
  const { objects } = await store.list('features/');
  return new Map(await Promise.all(objects.map(async ({ key }) => [key, (await store.get(key))?.body] as const)));
}
