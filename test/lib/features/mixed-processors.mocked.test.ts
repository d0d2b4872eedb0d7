/** Features of several kinds of processors in one store: a training uses those of one kind. */
import { join } from 'node:path';
import { beforeAll, expect, it, test, vi } from 'vitest';
import { extractFeatures, findMissing } from '../../../lib/features/extract-features.ts';
import { extractPart } from '../../../lib/features/extraction-part.ts';
import { readShard, writeShard } from '../../../lib/features/feature-shard.ts';
import { indexImages } from '../../../lib/features/index-images.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { chooseProcessor, type StoredFeatures } from '../../../lib/features/stored-shards.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import { variantFeatures } from '../../../lib/features/variant-features.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { putGradients } from '../../support/put-gradients.ts';

const machine = vi.hoisted(() => ({ kind: 'linux x64 avx2' }));
vi.mock('../../../lib/onnx/processor-kind.ts', async (original) => ({
  ...(await original<typeof import('../../../lib/onnx/processor-kind.ts')>()),
  processorKind: () => machine.kind,
}));
beforeAll(() => startTensorFlow());

const [avx2, avx512] = ['linux x64 avx2', 'linux x64 avx512'];
const signal = new AbortController().signal;

/** A store with three images, and what machines compute of them: the number of images and the kind of processor. */
async function openImages() {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const images = await putGradients(store);
  const trunk = await openTrunk(
    { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' },
    { cut: 'top', pooling: 'globalAveragePool' },
    store,
  );
  const log = vi.fn();
  const options = { store, signal, log, onProgress: () => {} };
  const extract = async (kind: string, some: readonly string[] = images) => {
    machine.kind = kind;
    const { features, decoded, processor } = await extractFeatures(trunk, some, options);
    await features.close();
    return { decoded, processor };
  };
  return { store, images, trunk, options, log, extract };
}

/** The kinds of processors of the stored shards. */
async function storedKinds(store: ObjectStore, prefix: string): Promise<(string | undefined)[]> {
  const kinds: (string | undefined)[] = [];
  for await (const { key } of listKeys(store, prefix))
    kinds.push(readShard(key, (await store.get(key))?.body ?? expect.fail()).processor);
  return kinds.sort();
}

it('uses what another kind has stored if that is all', async () => {
  const { extract, log } = await openImages();
  expect(await extract(avx512)).toEqual({ decoded: 3, processor: avx512 });
  expect(await extract(avx2)).toEqual({ decoded: 0, processor: avx512 });
  expect(log).not.toHaveBeenCalled();
});

it('computes again what only another kind has stored, and keeps both', async () => {
  const { store, trunk, images, extract, log } = await openImages();
  await extract(avx512, images.slice(0, 2));
  expect(await extract(avx2)).toEqual({ decoded: 3, processor: avx2 });
  expect(log).toHaveBeenCalledWith('features.other-kinds', { trunk: trunk.key, processor: avx2, decoded: 3, unused: [avx512] });
  expect(await storedKinds(store, trunkKeys(trunk.key).features)).toEqual([avx2, avx512]);
});

it('chooses the same kind on any machine if several have stored all', async () => {
  const { images, extract } = await openImages();
  await extract(avx512, images.slice(0, 2));
  await extract(avx2);
  await extract(avx512, images.slice(2));
  for (const kind of [avx2, avx512, 'linux arm64 Neoverse-N1'])
    expect(await extract(kind)).toEqual({ decoded: 0, processor: avx2 });
});

it('computes again what earlier versions stored without a kind', async () => {
  const { store, trunk, images, extract } = await openImages();
  const { features } = trunkKeys(trunk.key);
  const data = new Float32Array(images.length * 256);
  await store.put(`${features}/${'0'.repeat(64)}`, writeShard({ shape: trunk.featureShape, images, data }));
  expect(await extract(avx2)).toEqual({ decoded: 3, processor: avx2 });
});

it('computes images again on the processor of their variants', async () => {
  const { trunk, images, options, extract } = await openImages();
  await extract(avx512);
  const augment = { augmentation: 'light', seed: 7 } as const;
  const draw = async (kind: string) => {
    machine.kind = kind;
    const { features, ...drawn } = await variantFeatures(trunk, images, [0, 2], { ...options, augment, variants: 2 });
    await features.close();
    return drawn;
  };
  expect(await draw(avx2)).toEqual({ cached: 0, decoded: 3 + 2 * 2, processor: avx2 });
  expect(await draw(avx512)).toEqual({ cached: 3 + 2 * 2, decoded: 0, processor: avx2 });
});

it('lets machines that share an extraction agree: nothing is missing if one kind has stored all of the images', async () => {
  const { trunk, images, options, extract } = await openImages();
  const extractAs = (kind: string) => {
    machine.kind = kind;
    return extractPart(trunk, images, { index: 0, count: 1 }, options);
  };
  await extract(avx512, images.slice(0, 2));
  expect(await extractAs(avx2)).toEqual({ cached: 0, decoded: 3 });
  expect(await extractAs(avx512)).toEqual({ cached: 3, decoded: 0 });
  expect(await findMissing(trunk, indexImages(images), options.store)).toEqual([]);
});

test.each<[string, Record<string, number>[], string]>([
  ['nothing is stored', [{}], 'own'],
  ['the own kind has all', [{ own: 0, z: 1 }], 'own'],
  ['another kind has all', [{ own: 1, z: 0 }], 'z'],
  ['no kind has all', [{ own: 2, z: 1 }], 'own'],
  ['several kinds have all', [{ z: 0, b: 0, own: 0 }], 'b'],
  ['another kind has all of one set only', [{ z: 0 }, { z: 1 }], 'own'],
  ['another kind has nothing of one set', [{ z: 0 }, {}], 'own'],
])('the kind to use if %s', (_, sets, expected) => {
  const stored = sets.map(
    (kinds) =>
      new Map(
        Object.entries(kinds).map(([kind, missingCount]): [string, StoredFeatures] => [
          kind,
          { shards: [], missingCount, missing: () => [] },
        ]),
      ),
  );
  expect(chooseProcessor(stored, 'own')).toBe(expected);
});
