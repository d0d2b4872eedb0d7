import { product } from '../arithmetic.ts';
import { closeOnFailure } from '../close-on-failure.ts';
import { mapInOrder } from '../concurrency.ts';
import { RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { checkFeatures } from './check-features.ts';
import { type FeatureShard, readShard } from './feature-shard.ts';
import type { ImageRows } from './index-images.ts';
import { openTemporaryFile, writeAll } from './temporary-file.ts';

/** Larger features are written to a temporary file on this machine and read row by row. */
export const MEMORY_BYTES = 256 * 2 ** 20;

/** The most bytes of one read. Above 2 GiB, Node ends the process. */
const READ_BYTES = 2 ** 30;

/** The features of a list of images, one row per image. */
export interface FeatureSet {
  /** Shape of one image's features. */
  readonly shape: readonly number[];
  readonly count: number;
  /**
   * Reads rows.
   * @param epoch of a training, from 1: selects the variants of augmented images; default: the original images
   * @returns float32 [rows, ...shape]
   * @throws RuntimeError FEATURES_MISSING
   */
  gather(rows: readonly number[], epoch?: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Shards that are held at once: one is read while the rows of another are copied. */
const SHARDS_AT_ONCE = 2;

/**
 * Gathers rows from shards, and reads each shard once.
 * @param images of the rows
 * @param shards keys of the shards that hold all the images
 * @param memoryBytes larger features are in a file; default: 256 MiB
 * @throws RuntimeError FEATURES_MISSING, FEATURES_DAMAGED; DataError FEATURES_NOT_FINITE; CapacityError STORE_FULL
 */
export async function openFeatureSet(
  images: ImageRows,
  shape: readonly number[],
  shards: readonly string[],
  store: ObjectStore,
  memoryBytes = MEMORY_BYTES,
): Promise<FeatureSet> {
  const size = product(shape);
  const rows = images.rows * size * 4 <= memoryBytes ? inMemory(images.rows, size) : await inFile(size);
  await closeOnFailure(rows, () => copyRows(images, size, shards, store, rows));
  return { shape, count: images.rows, gather: rows.gather, close: rows.close };
}

/**
 * Copies the rows from the shards. It checks them, because earlier versions of Graft stored shards without a check.
 * @throws as openFeatureSet
 */
async function copyRows(
  images: ImageRows,
  size: number,
  shards: readonly string[],
  store: ObjectStore,
  rows: Pick<Rows, 'write'>,
): Promise<void> {
  const isThere = new Uint8Array(images.distinct);
  for await (const shard of mapInOrder(shards, SHARDS_AT_ONCE, (key) => loadShard(key, store))) {
    for (const [index, image] of shard?.images.entries() ?? []) {
      const number = images.numberOf(image);
      if (shard === undefined || number === undefined || isThere[number] === 1) continue;
      const data = shard.data.subarray(index * size, (index + 1) * size);
      checkFeatures(data, [image]);
      for (const row of images.rowsOf(number)) await rows.write(row, data);
      isThere[number] = 1;
    }
  }
  const missing = isThere.reduce((count, there) => count + 1 - there, 0);
  if (missing === 0) return;
  throw new RuntimeError('FEATURES_MISSING', {
    expected: 'the features of every image',
    received: `${missing} images without`,
    retryable: true,
  });
}

async function loadShard(key: string, store: ObjectStore): Promise<FeatureShard | undefined> {
  const object = await store.get(key);
  return object && readShard(key, object.body);
}

interface Rows {
  write(row: number, features: Float32Array): Promise<unknown> | undefined;
  gather(rows: readonly number[]): Promise<Float32Array>;
  close(): Promise<void>;
}

function inMemory(count: number, size: number): Rows {
  const all = new Float32Array(count * size);
  return {
    write(row, features) {
      all.set(features, row * size);
      return undefined;
    },
    async gather(rows) {
      const chosen = new Float32Array(rows.length * size);
      rows.forEach((row, index) => {
        chosen.set(all.subarray(row * size, (row + 1) * size), index * size);
      });
      return chosen;
    },
    close: async () => {},
  };
}

async function inFile(size: number): Promise<Rows> {
  const file = await openTemporaryFile();
  return {
    write: (row, features) => writeAll(file, features, row * size * 4),
    async gather(rows) {
      const chosen = new Float32Array(rows.length * size);
      await Promise.all(
        runsOf(rows, size * 4).map(async ({ row, index, length }) => {
          const part = chosen.subarray(index * size, (index + length) * size);
          const { bytesRead } = await file.read(part, 0, part.byteLength, row * size * 4);
          requireAll(bytesRead, part.byteLength);
        }),
      );
      return chosen;
    },
    close: () => file.close(),
  };
}

/** @throws RuntimeError FEATURES_MISSING */
function requireAll(bytes: number, expected: number): void {
  if (bytes === expected) return;
  throw new RuntimeError('FEATURES_MISSING', {
    expected: `${expected} bytes of the temporary file of features`,
    received: `${bytes} bytes read`,
    retryable: true,
  });
}

/**
 * Groups rows that follow each other in the file, which one read returns.
 * @param bytesOfRow so that no read is larger than 1 GiB
 */
export function runsOf(
  rows: readonly number[],
  bytesOfRow: number,
): { readonly row: number; readonly index: number; length: number }[] {
  const runs: { readonly row: number; readonly index: number; length: number }[] = [];
  for (const [index, row] of rows.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && row === last.row + last.length && (last.length + 1) * bytesOfRow <= READ_BYTES) last.length++;
    else runs.push({ row, index, length: 1 });
  }
  return runs;
}
