import { mapInOrder } from '../concurrency.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { READ_AHEAD, readStoredImage } from '../datasets/files/read-images.ts';
import { DataError, NotFoundError } from '../errors.ts';
import type { Augmentation } from '../images/augment.ts';
import { openAugmenter } from '../images/augmenter.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import { openWorkerSession } from '../onnx/worker-session.ts';
import type { InputCache, Log, ObjectStore } from '../ports.ts';
import { checkFeatures } from './check-features.ts';
import type { FeatureSet } from './feature-set.ts';
import { logFallback } from './open-trunk-session.ts';
import type { Trunk } from './trunk.ts';

/** How training images are augmented, differently in each epoch. */
export interface Augmenting {
  readonly augmentation: Augmentation;
  readonly seed: number;
}

interface LiveOptions {
  readonly store: ObjectStore;
  /** Where an import may have kept inputs of the images. Each epoch reads them instead of the images. */
  readonly inputs?: InputCache | undefined;
  readonly augment?: Augmenting | undefined;
  readonly log?: Log;
}

/**
 * Features that are computed on the fly and not stored: for a trunk that hardly computes anything, and whose output is
 * as large as the images. To gather them throws DataError FEATURES_NOT_FINITE as `extractFeatures` does, and DataError
 * IMAGE_MISSING if the store lacks an image.
 * @param images SHA-256 of each image, in the order of the rows
 */
export async function liveFeatures(
  trunk: Trunk,
  images: readonly string[],
  { store, inputs, augment, log }: LiveOptions,
): Promise<FeatureSet> {
  const { inputSize } = trunk;
  const [height, width] = inputSize;
  const pixels = height * width * 3;
  const device = selectedDevice();
  const session = await openWorkerSession(trunk.onnx, {
    device,
    onPlacement: logFallback(trunk, device, log),
  });
  const augmenter = augment && openAugmenter();
  const pixelsOf = async (image = '', epoch: number | undefined): Promise<Float32Array> => {
    const decoded = await readStoredImage(image, trunk, store, inputs).catch((error: unknown) => {
      throw error instanceof NotFoundError ? missing(image) : error;
    });
    if (augment === undefined || augmenter === undefined || epoch === undefined) return decoded;
    return augmenter.augment(decoded, { ...augment, size: inputSize, image, variant: epoch });
  };
  return {
    shape: trunk.featureShape,
    count: images.length,
    async gather(rows, epoch) {
      const batch = new Float32Array(rows.length * pixels);
      let filled = 0;
      for await (const image of mapInOrder(rows, READ_AHEAD, (row) => pixelsOf(images[row], epoch))) {
        batch.set(image, filled);
        filled += pixels;
      }
      const { data } = await session.run(batch, [rows.length, height, width, 3]);
      checkFeatures(
        data,
        rows.map((row) => images[row] ?? ''),
      );
      return data;
    },
    async close() {
      await session.close();
      await augmenter?.close();
    },
  };
}

function missing(image: string): DataError {
  return new DataError('IMAGE_MISSING', {
    at: blobKey(image),
    expected: 'the bytes of an image',
    received: 'nothing',
    fix: 'upload the data set again',
  });
}
