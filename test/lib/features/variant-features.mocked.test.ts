import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { extractFeatures } from '../../../lib/features/extract-features.ts';
import { liveFeatures } from '../../../lib/features/live-features.ts';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { variantFeatures } from '../../../lib/features/variant-features.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { putGradients } from '../../support/put-gradients.ts';

const augment = { augmentation: 'light', seed: 7 } as const;
const options = { signal: new AbortController().signal, onProgress: () => {} };
const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32], weights: 'none' } satisfies Parameters<
  typeof openTrunk
>[0];

const closed = vi.hoisted(() => vi.fn());
vi.mock('../../../lib/features/feature-set.ts', async (original) => {
  const real = await original<typeof import('../../../lib/features/feature-set.ts')>();
  const openFeatureSet: typeof real.openFeatureSet = async (...set) => {
    const opened = await real.openFeatureSet(...set);
    const close = () => {
      closed(set[0].rows);
      return opened.close();
    };
    return { ...opened, close };
  };
  return { ...real, openFeatureSet };
});

describe('augmented training images', () => {
  const open = async () => {
    await startTensorFlow();
    const store = openFileStore({ directory: join(temporaryFolder(), 'store'), clock: manualClock() });
    const images = await putGradients(store);
    const trunk = await openTrunk(backbone, { cut: 'top', pooling: 'globalAveragePool' }, store);
    return { store, images, trunk };
  };

  it('are as they are in the first epoch, then their variants in turn, drawn once', async () => {
    const { store, images, trunk } = await open();
    const variants = () => variantFeatures(trunk, images, [0, 2], { store, ...options, augment, variants: 2 });
    const first = await variants();
    const epochs = await Promise.all([1, 2, 3, 4].map((epoch) => first.features.gather([2, 0], epoch)));
    const [asTheyAre, one, two, again] = epochs;
    expect(again).toEqual(asTheyAre);
    expect(one).not.toEqual(asTheyAre);
    expect(two).not.toEqual(one);
    expect(await first.features.gather([2, 0])).toEqual(asTheyAre);
    expect(first.decoded).toBe(3 + 2 * 2);

    const second = await variants();
    expect(second.decoded).toBe(0);
    expect(await second.features.gather([2, 0], 2)).toEqual(one);
    await Promise.all([first.features.close(), second.features.close()]);
  });

  it('close the original features if a variant fails', async () => {
    const { store, images, trunk } = await open();
    await (await extractFeatures(trunk, images, { store, ...options })).features.close();
    closed.mockClear();
    await store.delete(blobKey(images[2] ?? ''));
    const drawn = variantFeatures(trunk, images, [0, 2], { store, ...options, augment, variants: 1 });
    await expect(drawn).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(closed).toHaveBeenCalledExactlyOnceWith(images.length);
  });

  it('are drawn again each epoch where nothing is kept, the same for the same seed, and not for evaluation', async () => {
    const { store, images, trunk } = await open();
    const live = await liveFeatures(trunk, images, { store, augment });
    const plain = await liveFeatures(trunk, images, { store });
    const [judged, one, two] = [await live.gather([1]), await live.gather([1], 1), await live.gather([1], 2)];
    expect(judged).toEqual(await plain.gather([1], 1));
    expect(one).not.toEqual(judged);
    expect(two).not.toEqual(one);
    expect(await live.gather([1], 1)).toEqual(one);
    await Promise.all([live.close(), plain.close()]);
  });
});
