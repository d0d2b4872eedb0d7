import { createHash } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { FeatureWaits } from '../../../lib/contracts/job.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

it('measures what the computation of features waited for, and nothing if they are cached', async () => {
  await startTensorFlow();
  const files = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
  const image = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#204060' } })
    .png()
    .toBuffer();
  const sha256 = createHash('sha256').update(image).digest('hex');
  await files.put(blobKey(sha256), image);
  const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } satisfies Parameters<
    typeof openTrunk
  >[0];
  const trunk = await openTrunk(backbone, { cut: 'top', pooling: 'globalAveragePool' }, files);
  let milliseconds = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => milliseconds);
  onTestFinished(() => clock.mockRestore());
  const store: ObjectStore = {
    ...files,
    getRange(key, start, end) {
      if (key === blobKey(sha256)) milliseconds += 5_000;
      return files.getRange(key, start, end);
    },
    put(key, body, condition) {
      milliseconds += 3_000;
      return files.put(key, body, condition);
    },
  };
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
  await extract();
  await extract();
  expect(measured).toEqual([{ decode: 5, trunk: 0, write: 3 }]);
});
