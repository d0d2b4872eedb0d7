import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { unusedShards } from '../../../lib/collection/collect-features.ts';
import type { References } from '../../../lib/collection/references.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { putGradients } from '../../support/put-gradients.ts';

beforeAll(() => startTensorFlow());

/** Replaces a text in bytes by another one of the same length. */
const replaced = (bytes: Uint8Array, text: string, by: string): Uint8Array =>
  Buffer.from(Buffer.from(bytes).toString('latin1').replace(text, by), 'latin1');

test.each<[string, (shard: Uint8Array) => Uint8Array]>([
  ['is empty', () => new Uint8Array()],
  ['begins with other bytes', (shard) => shard.map((byte, i) => (i === 0 ? byte + 1 : byte))],
  ['is cut in its header', (shard) => shard.subarray(0, 20)],
  ['is cut in its features', (shard) => shard.subarray(0, shard.length - 4)],
  ['has a header that is no JSON', (shard) => replaced(shard, '{"shape"', '["shape"')],
  ['has a header without a shape', (shard) => replaced(shard, '"shape"', '"sharp"')],
])('features of a stored shard that %s are computed again, and the collector removes it', async (_, damage) => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const images = await putGradients(store);
  const spec = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } as const;
  const trunk = await openTrunk({ ...spec, inputSize: [32, 32] }, { cut: 'top', pooling: 'globalAveragePool' }, store);
  const log = vi.fn();
  const extract = async (some = images) => {
    const options = { store, signal: new AbortController().signal, onProgress: () => {}, log };
    const { features, cached, decoded } = await extractFeatures(trunk, some, options);
    const values = await features.gather([...some.keys()]);
    await features.close();
    return { values, cached, decoded };
  };
  const { values } = await extract();
  const [shard] = (await store.list(trunkKeys(trunk.key).features)).objects;
  if (shard === undefined) return expect.fail();
  const references = { needsImage: () => true } as unknown as References;
  expect(await unusedShards(references, store)(shard)).toBe(false);

  const bytes = (await store.get(shard.key))?.body ?? new Uint8Array();
  await store.put(shard.key, damage(bytes));
  const damaged = (await store.head(shard.key)) ?? expect.fail();
  expect(await unusedShards(references, store)(damaged)).toBe(true);
  expect(await extract(images.slice(1))).toEqual({ values: values.subarray(values.length / 3), cached: 0, decoded: 2 });
  expect(log).toHaveBeenCalledWith('features.damaged', {
    error: expect.objectContaining({ code: 'FEATURES_DAMAGED', at: shard.key }),
    effect: expect.any(String),
  });
  expect(await extract()).toMatchObject({ values, cached: 2, decoded: 1 });
});
