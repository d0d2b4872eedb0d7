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
  return Math.min(SHARD_IMAGES, Math.max(1, Math.floor(SHARD_BYTES / (product(shape) * Float32Array.BYTES_PER_ELEMENT))));
}

const MAGIC = 0x54464752; // "RGFT"
const PREFIX_BYTES = 8;

/** Loose, so that a version reads the shards of a later one. */
const StoredHeader = z.looseObject({
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

/** A shard without its features, which begin at byte `start`. */
export interface ShardHeader extends Omit<FeatureShard, 'data'> {
  readonly key: string;
  readonly start: number;
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
 * Reads the header of a shard, and checks that the shard is complete.
 * @param bytes the first HEADER_BYTES of the shard, or all of it
 * @param size bytes of the whole shard
 * @throws RuntimeError FEATURES_DAMAGED
 */
export function readShardHeader(key: string, bytes: Uint8Array, size: number): ShardHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged(key, 'no shard');
  const headerLength = view.getUint32(4, true);
  const start = dataStart(headerLength);
  if (PREFIX_BYTES + headerLength > bytes.length) throw damaged(key, 'a header beyond its end');
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerLength));
  const header = parseHeader(key, text);
  if (size !== start + header.images.length * product(header.shape) * 4) throw damaged(key, `${size - start} bytes of features`);
  return { key, ...header, start };
}

/** @throws RuntimeError FEATURES_DAMAGED */
function parseHeader(key: string, text: string): z.infer<typeof StoredHeader> {
  try {
    return StoredHeader.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(key, 'an unreadable header', cause);
  }
}

/**
 * Decodes a shard.
 * @throws RuntimeError FEATURES_DAMAGED
 */
export function readShard(key: string, bytes: Uint8Array): FeatureShard {
  const { shape, images, processor, start } = readShardHeader(key, bytes, bytes.length);
  // A copy, because a float32 view must start at a multiple of 4 bytes of its buffer.
  return { shape, images, processor, data: new Float32Array(bytes.slice(start).buffer) };
}

function dataStart(headerLength: number): number {
  return Math.ceil((PREFIX_BYTES + headerLength) / 4) * 4;
}

function damaged(key: string, received: string, cause?: unknown): RuntimeError {
  return new RuntimeError('FEATURES_DAMAGED', {
    at: key,
    expected: 'a complete shard of features',
    received,
    fix: `delete ${key}; Graft computes it again`,
    cause,
  });
}
