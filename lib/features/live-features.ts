import { blobKey } from '../datasets/files/blob-key.ts';
import { DataError } from '../errors.ts';
import type { Augmentation } from '../images/augment.ts';
import { openAugmenter } from '../images/augmenter.ts';
import { readImage } from '../images/decode-image.ts';
import { mapInOrder } from '../images/map-in-order.ts';
import { selectedDevice } from '../onnx/selected-device.ts';
import { openWorkerSession } from '../onnx/worker-session.ts';
import type { Log, ObjectStore } from '../ports.ts';
import { checkFeatures } from './check-features.ts';
import type { FeatureSet } from './feature-set.ts';
import { logFallback } from './open-trunk-session.ts';
import type { Trunk } from './trunk.ts';

/** How training images are augmented, differently in each epoch. */
export interface Augmenting {
  readonly augmentation: Augmentation;
  readonly seed: number;
}

/** Images to decode at once. */
const CONCURRENCY = 4;

/**
 * Features that are computed on the fly and not stored: for a trunk that hardly computes anything, and whose output is
 * as large as the images. To gather them throws DataError FEATURES_NOT_FINITE as `extractFeatures` does, and DataError
 * IMAGE_MISSING if the store lacks an image.
 * @param images SHA-256 of each image, in the order of the rows
 */
export async function liveFeatures(
  trunk: Trunk,
  images: readonly string[],
  { store, augment, log }: { readonly store: ObjectStore; readonly augment?: Augmenting | undefined; readonly log?: Log },
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
  const pixelsOf = async (image: string | undefined, epoch: number | undefined): Promise<Float32Array> => {
    const decoded = await readImage(await bytesOf(image, store), trunk);
    if (image === undefined || augment === undefined || augmenter === undefined || epoch === undefined) return decoded;
    return augmenter.augment(decoded, { ...augment, size: inputSize, image, variant: epoch });
  };
  return {
    shape: trunk.featureShape,
    count: images.length,
    async gather(rows, epoch) {
      const batch = new Float32Array(rows.length * pixels);
      let filled = 0;
      for await (const image of mapInOrder(rows, CONCURRENCY, (row) => pixelsOf(images[row], epoch))) {
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

async function bytesOf(image: string | undefined, store: ObjectStore): Promise<Uint8Array> {
  const object = image === undefined ? undefined : await store.get(blobKey(image));
  if (object !== undefined) return object.body;
  throw new DataError('IMAGE_MISSING', {
    at: blobKey(image ?? ''),
    expected: 'the bytes of an image',
    received: 'nothing',
    fix: 'upload the data set again',
  });
}
