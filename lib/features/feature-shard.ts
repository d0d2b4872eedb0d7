/**
 * A shard: the features of up to a few hundred images in one object. Little-endian: the magic number, the length of the
 * header, the header as JSON, padding to 4 bytes, then float32 [images, ...shape].
 */
import { z } from 'zod';
import { product } from '../arithmetic.ts';
import { Sha256 } from '../contracts/dataset.ts';
import { RuntimeError } from '../errors.ts';

/** Images of a shard: large enough to read fast, small enough that a lost worker loses little. */
export const SHARD_IMAGES = 256;
/** Images of a part that a function extracts: half a minute of a small backbone, ten shards of most features. */
export const IMAGES_OF_PART = 10 * SHARD_IMAGES;
/** Bytes of a shard of large features, which a machine holds twice while it writes one. */
const SHARD_BYTES = 2 ** 27;

/** The images of a shard. @param shape of one image's features */
export function shardImages(shape: readonly number[]): number {
  return Math.min(SHARD_IMAGES, Math.max(1, Math.floor(SHARD_BYTES / (sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT))));
}

const MAGIC = 0x54464752; // "RGFT"
const PREFIX_BYTES = 8;

/** Loose, so that a version reads the shards of a later one. */
const ShardHeader = z.looseObject({
  shape: z.array(z.int().min(1)).min(1),
  images: z.array(Sha256).min(1),
  processor: z.string().optional(),
});

export interface FeatureShard {
  /** Shape of one image's features. */
  readonly shape: readonly number[];
  /** SHA-256 of each image, in the order of the rows. */
  readonly images: readonly string[];
  /** The kind of processor that computed the features. Absent in shards of earlier versions. */
  readonly processor?: string | undefined;
  /** float32 [images, ...shape] */
  readonly data: Float32Array;
}

/** Encodes a shard. */
export function writeShard({ shape, images, processor, data }: FeatureShard): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ shape, images, processor }));
  const start = dataStart(header.length);
  const bytes = new Uint8Array(start + data.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, header.length, true);
  bytes.set(header, PREFIX_BYTES);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return bytes;
}

/** Large enough for the header of any shard of up to 256 images that writeShard() makes. */
export const HEADER_BYTES = 32 * 1024;

/**
 * Reads the header of a shard.
 * @param bytes the first HEADER_BYTES of the shard, or all of it
 * @throws RuntimeError FEATURES_DAMAGED
 */
export function readShardHeader(
  key: string,
  bytes: Uint8Array,
): Omit<FeatureShard, 'data'> & { readonly key: string; readonly start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged(key, 'no shard');
  const headerLength = view.getUint32(4, true);
  const start = dataStart(headerLength);
  if (PREFIX_BYTES + headerLength > bytes.length) throw damaged(key, 'a header beyond its end');
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerLength));
  return { key, ...ShardHeader.parse(JSON.parse(text)), start };
}

/**
 * Decodes a shard.
 * @throws RuntimeError FEATURES_DAMAGED
 */
export function readShard(key: string, bytes: Uint8Array): FeatureShard {
  const { shape, images, processor, start } = readShardHeader(key, bytes);
  if (bytes.length !== start + images.length * sizeOf(shape) * 4) throw damaged(key, `${bytes.length - start} bytes of features`);
  // A copy, because a float32 view must start at a multiple of 4 bytes of its buffer.
  return { shape, images, processor, data: new Float32Array(bytes.slice(start).buffer) };
}

/** Returns the number of values of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return product(shape);
}

function dataStart(headerLength: number): number {
  return Math.ceil((PREFIX_BYTES + headerLength) / 4) * 4;
}

function damaged(key: string, received: string): RuntimeError {
  return new RuntimeError('FEATURES_DAMAGED', {
    at: key,
    expected: 'a complete shard of features',
    received,
    fix: `delete ${key}; Graft computes it again`,
  });
}
