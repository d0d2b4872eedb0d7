import { spreadEvenly } from '../arithmetic.ts';
import { mapInOrder } from '../concurrency.ts';
import type { NetworkInput } from '../contracts/network-input.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { fitToInput } from '../images/fit-to-input.ts';
import type { TrainingContext } from './training-context.ts';

const MOST_IMAGES = 12;
const AT_ONCE = 4;
/** Of the pixels of all reference images, before compression. */
const MOST_BYTES = 2 * 2 ** 20;

/**
 * Reads the images whose predictions a package keeps: up to a dozen test images (validation or training images if there
 * are none), spread evenly over the data set. An image that cannot be read any more is left out.
 * @returns whole numbers 0..255, float32 [height, width, 3] each
 */
export async function referenceImages(input: NetworkInput, { world, dataset, split }: TrainingContext): Promise<Float32Array[]> {
  const [height, width] = input.inputSize;
  const rows = [split.test, split.validation, split.train].find((part) => part.length > 0) ?? [];
  const most = Math.min(MOST_IMAGES, Math.max(1, Math.floor(MOST_BYTES / (height * width * 3))));
  const read = async (row: number): Promise<Float32Array | undefined> => {
    const image = dataset.rows.at(row);
    const object = image && (await world.store.get(blobKey(image.sha256)).catch(() => undefined));
    return object && decodeWithinMemory(object.body, (decoded) => fitToInput(decoded, input)).catch(() => undefined);
  };
  const images: Float32Array[] = [];
  for await (const pixels of mapInOrder(spreadEvenly(rows, most), AT_ONCE, read))
    if (pixels !== undefined) images.push(pixels.map(Math.round));
  return images;
}
