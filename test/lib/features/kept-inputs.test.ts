import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { openDataset } from '../../../lib/datasets/versions/dataset-store.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { liveFeatures } from '../../../lib/features/live-features.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { openInputCache } from '../../../lib/local/input-cache.ts';
import { newInputFolder } from '../../../lib/local/input-folder.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { importStored, uploadBytes } from '../../support/datasets/upload.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

/** A photograph of 1.6 megapixels, of which no two rows are alike. */
function drawPhotograph(number: number): Promise<Buffer> {
  const [width, height] = [1600, 1000];
  const data = Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * (number + 3)) % 253));
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toBuffer();
}

test.each([false, true])(
  'features of inputs that an import has kept are the same, and read no image (cropped: %s)',
  async (crop) => {
    const clock = manualClock();
    const store = openFileStore({ directory: temporaryFolder(), clock });
    const inputs = openInputCache(newInputFolder(temporaryFolder()), () => {});
    onTestFinished(inputs.clear);
    const files = await uploadBytes(store, { 'a/1.jpg': await drawPhotograph(1), 'b/2.jpg': await drawPhotograph(2) });
    await importStored({ name: 'photographs', files }, { store, clock, inputCache: inputs });
    const { rows } = await openDataset('photographs', store);
    const images = rows.map(({ sha256 }) => sha256);
    const spec = { name: 'mobilenet', alpha: 0.25, inputSize: [224, 224], cropToAspectRatio: crop, weights: 'none' } as const;
    const cut = { cut: 'top', pooling: 'globalAveragePool' } as const;
    const trunk = await openTrunk({ ...spec, inputSize: [224, 224] }, cut, store);
    const options = { signal: new AbortController().signal, onProgress: () => {} };
    const vectors = async (from: typeof store, more: object) => {
      const { features } = await extractFeatures(trunk, images, { store: from, ...options, ...more });
      const all = await features.gather([0, 1]);
      await features.close();
      return all;
    };
    const read: string[] = [];
    const watched = {
      ...store,
      getRange(key: string, start: number, end: number) {
        read.push(key);
        return store.getRange(key, start, end);
      },
    };
    const fromInputs = await vectors(watched, { inputs });
    expect(read.filter((key) => images.map(blobKey).includes(key))).toEqual([]);
    for await (const { key } of listKeys(store, 'features/')) await store.delete(key);
    expect(await vectors(watched, {})).toEqual(fromInputs);
    expect(read.filter((key) => images.map(blobKey).includes(key))).toHaveLength(2);

    const live = await liveFeatures(trunk, images, { store: watched, inputs });
    read.length = 0;
    for (const epoch of [1, 2]) expect(await live.gather([0, 1], epoch)).toHaveLength(fromInputs.length);
    expect(read).toEqual([]);
    await live.close();
    for (const image of images) await store.delete(blobKey(image));
    const without = await liveFeatures(trunk, images, { store });
    await expect(without.gather([1])).rejects.toMatchObject({ code: 'IMAGE_MISSING', at: blobKey(images[1] ?? '') });
    await without.close();
  },
);
