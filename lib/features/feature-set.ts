import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { readShard, sizeOf } from './feature-shard.ts';

/** Larger features are written to a temporary file on this machine and read row by row. */
const MEMORY_BYTES = 256 * 2 ** 20;

/** The features of a list of images, one row per image. */
export interface FeatureSet {
  /** Shape of one image's features. */
  readonly shape: readonly number[];
  readonly count: number;
  /**
   * Reads rows.
   * @param epoch of a training, from 1: selects the variants of augmented images; default: the original images
   * @returns float32 [rows, ...shape]
   */
  gather(rows: readonly number[], epoch?: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Gathers rows from shards, and reads each shard once.
 * @param images SHA-256 of each image, in the order of the rows
 * @param shards keys of the shards that hold all the images
 */
export async function openFeatureSet(
  images: readonly string[],
  shape: readonly number[],
  shards: readonly string[],
  store: ObjectStore,
): Promise<FeatureSet> {
  const size = sizeOf(shape);
  const rows = images.length * size * 4 <= MEMORY_BYTES ? inMemory(images.length, size) : await inFile(size);
  const wanted = new Map<string, number[]>();
  images.forEach((image, row) => {
    wanted.set(image, [...(wanted.get(image) ?? []), row]);
  });
  for (const key of shards) {
    const object = await store.get(key);
    if (object === undefined) continue;
    const shard = readShard(key, object.body);
    for (const [index, image] of shard.images.entries()) {
      for (const row of wanted.get(image) ?? []) await rows.write(row, shard.data.subarray(index * size, (index + 1) * size));
      wanted.delete(image);
    }
  }
  if (wanted.size > 0) {
    throw new RuntimeError('FEATURES_MISSING', {
      expected: 'the features of every image',
      received: `${wanted.size} images without`,
      retryable: true,
    });
  }
  return { shape, count: images.length, gather: rows.gather, close: rows.close };
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
  const folder = await mkdtemp(join(tmpdir(), 'graft-features-'));
  const file = await open(join(folder, 'rows'), 'w+');
  // The open file remains usable after its removal, so nothing is left behind however the process ends.
  await rm(folder, { recursive: true });
  return {
    write: (row, features) => file.write(features, 0, features.byteLength, row * size * 4),
    async gather(rows) {
      const chosen = new Float32Array(rows.length * size);
      await Promise.all(
        rows.map((row, index) => file.read(chosen.subarray(index * size, (index + 1) * size), 0, size * 4, row * size * 4)),
      );
      return chosen;
    },
    close: () => file.close(),
  };
}
