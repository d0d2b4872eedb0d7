import { mapInOrder } from '../../concurrency.ts';
import type { NetworkInput } from '../../contracts/network-input.ts';
import { decodeWithinMemory } from '../../images/decode-within-memory.ts';
import { fitToInput } from '../../images/fit-to-input.ts';
import { namedError } from '../../images/named-error.ts';
import { createSemaphore } from '../../images/semaphore.ts';
import type { InputCache, ObjectStore } from '../../ports.ts';
import { blobKey } from './blob-key.ts';

/** Number of images read and decoded at once, if memory allows it; fills libuv's threads. */
const DECODED_AT_ONCE = 4;
/**
 * Number of images that are read ahead: two batches of a trunk with an input of 224 pixels a side, so that the next batch
 * is ready when a run ends. Up to 112 pixels it is half a batch. Only those being decoded have all their pixels in
 * memory; the others have the size of a model's input.
 */
export const READ_AHEAD = 16;

const decoders = createSemaphore(DECODED_AT_ONCE);

/**
 * Reads an image of a data set as the input of a network.
 * @param inputs may have it already
 * @returns float32 [height, width, 3], RGB 0..255
 * @throws NotFoundError OBJECT_NOT_FOUND; as decodeImage, with the key of the image
 */
export async function readStoredImage(
  sha256: string,
  input: NetworkInput,
  store: ObjectStore,
  inputs?: InputCache,
): Promise<Float32Array> {
  return decoders.run(1, async () => {
    const kept = await inputs?.find(sha256, input);
    if (kept !== undefined) return kept;
    const bytes = await store.getRange(blobKey(sha256), 0, Number.MAX_SAFE_INTEGER);
    return decodeWithinMemory(bytes, (image) => fitToInput(image, input)).catch((error: unknown) => {
      throw namedError(error, blobKey(sha256));
    });
  });
}

/** Reads images in their order, some of them ahead. @throws as readStoredImage; the signal's reason */
export function streamStoredImages(
  images: readonly string[],
  input: NetworkInput,
  store: ObjectStore,
  signal?: AbortSignal,
): AsyncIterable<Float32Array> {
  return mapInOrder(images, READ_AHEAD, async (image) => {
    signal?.throwIfAborted();
    return readStoredImage(image, input, store);
  });
}

/** Reads images into memory, in their order. @throws as streamStoredImages */
export async function readStoredImages(
  images: readonly string[],
  input: NetworkInput,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const pixels: Float32Array[] = [];
  for await (const image of streamStoredImages(images, input, store, signal)) pixels.push(image);
  return pixels;
}
