import { join } from 'node:path';
import { expect, it } from 'vitest';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { type FeatureShard, writeShard } from '../../../lib/features/feature-shard.ts';
import type { Trunk } from '../../../lib/features/trunk.ts';
import { trunkKeys } from '../../../lib/features/trunk-keys.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { shaOf } from '../../support/put-dataset.ts';

const trunk: Trunk = {
  key: '0'.repeat(64),
  backbone: 'mobilenet',
  cut: 'top',
  inputSize: [32, 32],
  featureShape: [1],
  weightsDigest: '0',
  licence: 'Apache-2.0',
  onnx: new Uint8Array(),
};
const options = { signal: new AbortController().signal, onProgress: () => {} };

it.each<[string, (string | undefined)[], string[]]>([
  ['one kind', ['linux x64 avx2', 'linux x64 avx2'], ['linux x64 avx2']],
  ['two kinds', ['linux x64 avx512', 'linux x64 avx2'], ['linux x64 avx2', 'linux x64 avx512']],
  ['an earlier version', ['linux x64 avx2', undefined], ['linux x64 avx2', 'unknown']],
])('names the processors of stored features from %s', async (_, processors, named) => {
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const put = (name: string, shard: Omit<FeatureShard, 'shape' | 'data'>) =>
    store.put(
      `${trunkKeys(trunk.key).features}/${name}`,
      writeShard({ shape: [1], data: new Float32Array(shard.images.length), ...shard }),
    );
  for (const [image, processor] of processors.entries()) await put(shaOf(image), { images: [shaOf(image)], processor });
  // Features of other images do not count.
  await put(shaOf(9), { images: [shaOf(9)], processor: 'darwin arm64 M1' });
  const extraction = await extractFeatures(trunk, [shaOf(0), shaOf(1)], { store, ...options });
  expect(extraction).toMatchObject({ cached: 2, decoded: 0, processors: named });
  await extraction.features.close();
});
