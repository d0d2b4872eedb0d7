import { createHash } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { FeatureWaits } from '../../../lib/contracts/job.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

it('measures what the computation of features waited for, and nothing if they are cached', async () => {
  await startTensorFlow();
  const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const image = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
  const sha256 = createHash('sha256').update(image).digest('hex');
  await store.put(blobKey(sha256), image);
  const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } satisfies Parameters<
    typeof openTrunk
  >[0];
  const trunk = await openTrunk(backbone, { cut: 'top', pooling: 'globalAveragePool' }, store);
  const measured: FeatureWaits[] = [];
  const extract = async () => {
    const { features } = await extractFeatures(trunk, [sha256], {
      store,
      signal: new AbortController().signal,
      onProgress: () => {},
      onWaits: (waits) => measured.push(waits),
    });
    await features.close();
  };
  const start = performance.now();
  await extract();
  const seconds = (performance.now() - start) / 1000;
  await extract();
  expect(measured).toHaveLength(1);
  const [{ decode, trunk: run, write } = { decode: 0, trunk: 0, write: 0 }] = measured;
  for (const part of [decode, run, write]) expect(part).toBeGreaterThan(0);
  expect(decode + run + write).toBeLessThanOrEqual(seconds);
});
