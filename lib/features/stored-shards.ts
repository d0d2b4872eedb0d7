import { createHash } from 'node:crypto';
import { mapInOrder } from '../concurrency.ts';
import { errorJson, GraftError } from '../errors.ts';
import type { Log, ObjectHead, ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { HEADER_BYTES, readShardHeader, type ShardHeader } from './feature-shard.ts';
import type { ImageRows } from './index-images.ts';

/** Headers of shards to read at once: a million images have 4,000. */
const HEADERS_AT_ONCE = 16;

/** What one kind of processor has stored of the features of some images. */
export interface StoredFeatures {
  /** Keys of the shards that hold them. */
  readonly shards: readonly string[];
  /** Number of images in none of the shards. */
  readonly missingCount: number;
  /** SHA-256 of these images, sorted, so that their shards depend on the set of images and not on its order. */
  missing(): string[];
}

/** By kind of processor, as `processorKind` names it. A kind that has stored nothing is absent. */
export type StoredByKind = ReadonlyMap<string, StoredFeatures>;

/**
 * Returns the key of a shard. Each kind of processor has shards of its own, because the last digits of their features
 * differ.
 * @param prefix of the trunk's features
 * @param processor as `processorKind` names it
 */
export function shardKey(prefix: string, processor: string, images: readonly string[]): string {
  return `${prefix}${createHash('sha256')
    .update([processor, ...images].join())
    .digest('hex')}`;
}

/**
 * Finds the shards that hold features of the images. Shards of earlier versions, which name no processor, do not count,
 * nor do damaged ones: their images are missing.
 * @param log gets a line about each damaged shard
 */
export function findShards(images: ImageRows, prefix: string, store: ObjectStore, log?: Log): Promise<StoredByKind> {
  return findListedShards(images, listKeys(store, prefix), store, log);
}

/** As `findShards`, among shards that the caller has listed. */
export async function findListedShards(
  images: ImageRows,
  shards: Iterable<ObjectHead> | AsyncIterable<ObjectHead>,
  store: ObjectStore,
  log?: Log,
): Promise<StoredByKind> {
  const kinds = new Map<string, { readonly keys: string[]; readonly shardOf: Uint32Array }>();
  const headers = mapInOrder(shards, HEADERS_AT_ONCE, (shard) => usableHeader(shard, store, log));
  for await (const header of headers) {
    if (header?.processor === undefined) continue;
    const { key, processor, images: ofShard } = header;
    const numbers = ofShard.flatMap((image) => images.numberOf(image) ?? []);
    if (numbers.length === 0) continue;
    // The number of each image's shard plus one; 0 for none.
    const kind = kinds.get(processor) ?? { keys: [], shardOf: new Uint32Array(images.distinct) };
    kinds.set(processor, kind);
    kind.keys.push(key);
    for (const number of numbers) kind.shardOf[number] = kind.keys.length;
  }
  return new Map([...kinds].map(([processor, { keys, shardOf }]) => [processor, storedFeatures(images, keys, shardOf)]));
}

/** @returns undefined if the shard is damaged */
async function usableHeader(shard: ObjectHead, store: ObjectStore, log: Log | undefined): Promise<ShardHeader | undefined> {
  try {
    return await readStoredHeader(shard, store);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    log?.('features.damaged', { error: errorJson(error), effect: 'its images are computed again' });
    return undefined;
  }
}

/** Reads the header of a stored shard. @throws RuntimeError FEATURES_DAMAGED; NotFoundError OBJECT_NOT_FOUND */
export async function readStoredHeader({ key, size }: ObjectHead, store: ObjectStore): Promise<ShardHeader> {
  // An empty object has no range.
  const bytes = size === 0 ? new Uint8Array() : await store.getRange(key, 0, Math.min(size, HEADER_BYTES));
  return readShardHeader(key, bytes, size);
}

/** Tells whether an error says that a shard is damaged. */
export function isDamaged(error: unknown): boolean {
  return error instanceof GraftError && error.code === 'FEATURES_DAMAGED';
}

function storedFeatures(images: ImageRows, keys: readonly string[], shardOf: Uint32Array): StoredFeatures {
  const used = new Set(shardOf);
  const missing = () => [...shardOf.keys()].filter((number) => shardOf[number] === 0).map((number) => images.at(number));
  return {
    shards: keys.filter((_, index) => used.has(index + 1)),
    missingCount: shardOf.reduce((count, shard) => count + Number(shard === 0), 0),
    missing: () => missing().sort(),
  };
}

/** What a kind that has stored nothing lacks. */
export function nothingStored(images: ImageRows): StoredFeatures {
  return storedFeatures(images, [], new Uint32Array(images.distinct));
}

/**
 * Chooses the kind of processor whose features are used together. Kinds are never mixed.
 * @param sets what is stored of each set of images
 * @param own kind of this processor, which can compute what is missing
 * @returns the first kind, by name, that has stored all features: each attempt of a job chooses the same, wherever it
 * runs; the own kind if there is none
 */
export function chooseProcessor(sets: readonly StoredByKind[], own: string): string {
  const kinds = [...(sets[0]?.keys() ?? [])].sort();
  return kinds.find((kind) => sets.every((stored) => stored.get(kind)?.missingCount === 0)) ?? own;
}
