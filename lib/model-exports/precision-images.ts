import type { ModelCard } from '../contracts/model.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { splitVersion } from '../datasets/splits/split-version.ts';
import { openDataset } from '../datasets/versions/dataset-store.ts';
import { readImage } from '../images/decode-image.ts';
import { mapInOrder } from '../images/map-in-order.ts';
import type { ObjectStore } from '../ports.ts';

/** The images on which a model with less precision is made and compared. */
export interface PrecisionImages {
  /** Training images: float32 [height, width, 3] each, RGB 0..255. */
  readonly calibration: readonly Float32Array[];
  readonly test: AsyncIterable<Float32Array>;
  /** [test images, labels] of the model, each 0 or 1. */
  readonly targets: Float32Array;
  readonly testCount: number;
}

const CALIBRATION_IMAGES = 96;
/** Number of images decoded at once; fills libuv's threads. */
const DECODED_AT_ONCE = 4;

/**
 * Opens the images of a model's data set in the split of its job.
 * @throws as openDataset and splitVersion; the errors of the images
 */
export async function openPrecisionImages({ spec, labels, input }: ModelCard, store: ObjectStore): Promise<PrecisionImages> {
  const dataset = await openDataset(spec.dataset, store);
  const split = await splitVersion(dataset, spec.split, spec.training.seed, store);
  const load = async (row: number): Promise<Float32Array> => {
    const sha256 = dataset.rows.at(row)?.sha256 ?? '';
    return readImage(await store.getRange(blobKey(sha256), 0, Number.MAX_SAFE_INTEGER), [input.height, input.width]);
  };
  const count = Math.min(CALIBRATION_IMAGES, split.train.length);
  const chosen = Array.from({ length: count }, (_, i) => split.train[Math.floor((i * split.train.length) / count)] ?? 0);
  const calibration: Float32Array[] = [];
  for await (const image of mapInOrder(chosen, DECODED_AT_ONCE, load)) calibration.push(image);
  const columns = dataset.labels.map((label) => labels.indexOf(label));
  const targets = new Float32Array(split.test.length * labels.length);
  split.test.forEach((row, index) => {
    for (const label of dataset.targets[row] ?? []) {
      const column = columns[label] ?? -1;
      if (column >= 0) targets[index * labels.length + column] = 1;
    }
  });
  return { calibration, test: mapInOrder(split.test, DECODED_AT_ONCE, load), targets, testCount: split.test.length };
}
