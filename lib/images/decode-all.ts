import { readImage } from './decode-image.ts';
import { mapInOrder } from './map-in-order.ts';
import type { ImageSize } from './resize-bilinear.ts';

export interface DecodeAllOptions<Item> {
  readonly inputSize: ImageSize;
  /** Loads the bytes of an item's image. */
  readonly load: (item: Item) => Promise<Uint8Array>;
  /** Most images in progress or waiting to be consumed; default 4, which fills libuv's threads. */
  readonly concurrency?: number;
}

export interface DecodedItem<Item> {
  readonly item: Item;
  /** float32 [height, width, 3], RGB 0..255. */
  readonly pixels: Float32Array;
}

/**
 * Loads, decodes and resizes images in parallel. Yields them in the order of the items and never holds more than
 * `concurrency` of them.
 * @throws DataError as `decodeImage`, and whatever `load` throws; by then no work is in progress
 */
export function decodeAll<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { inputSize, load, concurrency = 4 }: DecodeAllOptions<Item>,
): AsyncGenerator<DecodedItem<Item>, void, undefined> {
  return mapInOrder(items, concurrency, async (item) => ({ item, pixels: await readImage(await load(item), { inputSize }) }));
}
