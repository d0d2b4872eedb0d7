import { expect, test } from 'vitest';
import type { BatchPredictJob } from '../../../lib/contracts/job.ts';
import { MAX_IMAGE_BYTES } from '../../../lib/contracts/upload-files.ts';
import { outputPrefix } from '../../../lib/inference/output-prefix.ts';
import { predictBatch } from '../../../lib/inference/predict-batch.ts';
import type { Predictor } from '../../../lib/inference/predictor.ts';
import type { World } from '../../../lib/ports.ts';
import { putDataset } from '../../support/datasets/put-dataset.ts';
import { embeddedBucket } from '../../support/datasets/source-buckets.ts';
import { beginPublishing } from '../../support/models/begin-publishing.ts';
import { testWorld } from '../../support/world.ts';

const ID = 'job-1';
const image = new Uint8Array(1);

/** Predicts the name of each image. */
const predictor: Predictor = {
  predict: async (_, images) => ({ model: 'two', version: 1, predictions: images.map(({ name }) => lineOf(name)) }),
  close: async () => {},
};

function lineOf(name: string) {
  return { image: name, labels: [], abstained: false };
}

async function run(images: Partial<BatchPredictJob['spec']>, world: World) {
  const at = world.clock.now().toISOString();
  const spec = { name: 'two', version: 1, topK: 1, ...images };
  const job = { id: ID, kind: 'batch-predict', state: 'RUNNING', spec, createdAt: at, updatedAt: at, attempt: 2 } as const;
  const { signal } = new AbortController();
  const context = { report: () => {}, flush: async () => {}, beginPublishing, signal };
  return { result: await predictBatch(job, predictor, world, context), lines: await linesIn(world) };
}

async function linesIn({ store }: World) {
  const { objects } = await store.list(outputPrefix(ID));
  const parts = await Promise.all(objects.map(async ({ key }) => new TextDecoder().decode((await store.get(key))?.body)));
  return parts.flatMap((part) => part.trim().split('\n')).map((line) => JSON.parse(line));
}

/** Writes the first part of the output, as an earlier attempt did. */
async function writeFirstPart(names: readonly string[], { store }: World) {
  const text = names.map((name) => `${JSON.stringify(lineOf(name))}\n`).join('');
  await store.put(`${outputPrefix(ID)}000000.jsonl`, new TextEncoder().encode(text));
}

const below = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];

async function inStore() {
  const world = testWorld();
  for (const name of below) await world.store.put(`inputs/${name}`, image);
  const { put, delete: remove } = world.store;
  return { world, images: { prefix: 'inputs/' }, put: (key: string, body = image) => put(key, body), remove };
}

async function inBucket() {
  const bucket = embeddedBucket('photographs');
  const world = { ...testWorld(), buckets: bucket.buckets };
  for (const name of below) await bucket.put(`inputs/${name}`, image);
  const images = { source: 's3://photographs/inputs/' };
  return { world, images, put: (key: string, body = image) => bucket.put(key, body), remove: bucket.remove };
}

test.each([
  ['the store', inStore],
  ['a bucket', inBucket],
])('an attempt continues after the images of the kept parts, also if images of %s came or went', async (_, open) => {
  const { world, images, put, remove } = await open();
  await writeFirstPart(['a.jpg', 'b.jpg'], world);
  await put('inputs/a-new.jpg');
  await remove('inputs/b.jpg');
  const { result, lines } = await run(images, world);
  expect(lines).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map(lineOf));
  expect(result).toMatchObject({ images: 4, failed: 0 });
});

test.each([
  ['the store', inStore],
  ['a bucket', inBucket],
])('an object of %s that is too large for an image has its error on its line', async (_, open) => {
  const { world, images, put } = await open();
  await put('inputs/b.jpg', new Uint8Array(MAX_IMAGE_BYTES + 1));
  const { result, lines } = await run(images, world);
  const error = { code: 'FILE_TOO_LARGE', message: expect.stringContaining('b.jpg') };
  expect(lines).toEqual([lineOf('a.jpg'), { image: 'b.jpg', error }, lineOf('c.jpg'), lineOf('d.jpg')]);
  expect(result).toMatchObject({ images: 4, failed: 1 });
});

test.each([
  ['the store', inStore, { prefix: 'inputs/a.jpg' }],
  ['a bucket', inBucket, { source: 's3://photographs/inputs/a.jpg' }],
])('an attempt continues after an object of %s whose key is the prefix itself', async (_, open, images) => {
  const { world, put } = await open();
  await put('inputs/a.jpg-copy');
  await writeFirstPart(['inputs/a.jpg'], world);
  const { lines } = await run(images, world);
  expect(lines).toEqual(['inputs/a.jpg', '-copy'].map(lineOf));
});

test('an object that stands for a folder is no image', async () => {
  const { world } = await inStore();
  const { list } = world.store;
  // As in S3: a key of the local store is a path.
  const folders = ['inputs/', 'inputs/b/'].map((key) => ({ key, size: 0, etag: 'none', modifiedAt: new Date(0) }));
  const store: World['store'] = {
    ...world.store,
    async list(prefix, page) {
      const { objects, more } = await list(prefix, page);
      const shown = prefix === 'inputs/' ? folders.filter(({ key }) => key > (page?.after ?? '')) : [];
      return { objects: [...shown, ...objects], more };
    },
  };
  const { result, lines } = await run({ prefix: 'inputs/' }, { ...world, store });
  expect(lines).toEqual(below.map(lineOf));
  expect(result).toMatchObject({ images: 4, failed: 0 });
});

test('an attempt continues after the images of a data set that the kept parts have', async () => {
  const world = testWorld();
  await putDataset('numbers', [0, 1, 2, 3], world);
  const names = [0, 1, 2, 3].map((number) => `a/00000${number}.png`);
  await writeFirstPart(names.slice(0, 2), world);
  const { result, lines } = await run({ dataset: 'numbers' }, world);
  expect(lines).toEqual(names.map(lineOf));
  expect(result).toMatchObject({ images: 4, failed: 0 });
});

test('where another attempt writes a part first, the images after that part follow', async () => {
  const { world, images } = await inStore();
  const { store } = world;
  const overtaken = {
    ...store,
    async put(...[key, ...written]: Parameters<typeof store.put>) {
      if (key.endsWith('/000000.jsonl')) await writeFirstPart(['a.jpg', 'b.jpg', 'c.jpg'], world);
      return store.put(key, ...written);
    },
  };
  const { result, lines } = await run(images, { ...world, store: overtaken });
  expect(lines).toEqual(below.map(lineOf));
  expect(result).toMatchObject({ images: 4, failed: 0 });
});
