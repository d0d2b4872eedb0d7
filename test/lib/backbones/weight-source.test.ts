import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { findWeightsId } from '../../../lib/backbones/find-weights-id.ts';
import { findWeightSource } from '../../../lib/backbones/weight-source.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { file, serve } from '../../support/browser/file-server.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

const h5 = readFileSync(fixturePath('h5/tiny_plain.h5'));
const sha256 = createHash('sha256').update(h5).digest('hex');
/** The catalogue has no hash of MobileNet's files, and one of VGG16's. */
const unhashed = { name: 'mobilenet', alpha: 0.25, weights: 'imagenet' };
const hashed = { name: 'vgg16', weights: 'imagenet' };

function newStore(): ObjectStore {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  onTestFinished(() => store.close());
  return store;
}

/** The publisher's server, on this machine. */
async function publisher() {
  const server = await serve(file(h5));
  const asked: string[] = [];
  const ask: typeof fetch = (address, init) => {
    asked.push(String(address));
    return fetch(server.url, init);
  };
  return { asked, fetch: ask };
}

test('weights that the store lacks are pulled from their official address, checked and stored, once', async () => {
  const store = newStore();
  const { asked, fetch } = await publisher();
  const source = await findWeightSource(unhashed, { store, fetch });
  expect(source.id).toBe(sha256);
  expect(await source.read()).toMatchObject({ format: 'keras-h5' });
  expect((await findWeightSource(unhashed, { store, fetch })).id).toBe(sha256);
  expect(asked).toEqual([
    'https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/mobilenet_2_5_224_tf_no_top.h5',
  ]);
});

test('workers that begin at the same time end with the same weights', async () => {
  const store = newStore();
  const { fetch } = await publisher();
  const sources = await Promise.all([1, 2, 3].map(() => findWeightSource(unhashed, { store, fetch })));
  expect(sources.map(({ id }) => id)).toEqual([sha256, sha256, sha256]);
});

test('what is not the official file is refused, and nothing of it stays', async () => {
  const store = newStore();
  const { fetch } = await publisher();
  await expect(findWeightSource(hashed, { store, fetch })).rejects.toMatchObject({ code: 'WEIGHTS_HASH_MISMATCH' });
  expect((await store.list('')).objects).toEqual([]);
});

test('nothing is pulled for weights that come with the package, are drawn, or were imported', async () => {
  const store = newStore();
  const { asked, fetch } = await publisher();
  const name = 'efficientnet_lite0';
  expect((await findWeightSource({ name }, { store, fetch })).id).toMatch(/^[0-9a-f]{64}$/);
  expect((await findWeightSource({ name, weights: 'none' }, { store, fetch })).id).toBe('none');
  await expect(findWeightSource({ name, weights: 'imported' }, { store, fetch })).rejects.toMatchObject({
    code: 'WEIGHTS_NOT_FOUND',
  });
  expect(asked).toEqual([]);
});

test('the id of weights is found without reading or downloading them', async () => {
  const store = newStore();
  const { asked, fetch } = await publisher();
  const name = 'efficientnet_lite0';
  for (const weights of ['bundled', 'none', 'ab'.repeat(32), undefined]) {
    const spec = { name, ...(weights && { weights }) };
    expect(await findWeightsId(spec, store)).toBe((await findWeightSource(spec, { store, fetch })).id);
  }
  expect(await findWeightsId({ name, weights: 'imported' }, store)).toBeUndefined();
  expect(await findWeightsId(unhashed, store)).toBeUndefined();
  expect(asked).toEqual([]);
  const { id } = await findWeightSource(unhashed, { store, fetch });
  expect(await findWeightsId(unhashed, store)).toBe(id);
});
