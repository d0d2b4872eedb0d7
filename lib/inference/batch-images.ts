import type { BatchPredictSpec } from '../contracts/job.ts';
import { StorePrefix } from '../contracts/names.ts';
import { parseS3Address } from '../contracts/object-address.ts';
import { MAX_IMAGE_BYTES } from '../contracts/upload-files.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { blobKey } from '../datasets/files/blob-key.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { streamManifest } from '../datasets/versions/manifest.ts';
import { DataError } from '../errors.ts';
import type { SourceBuckets, World } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { noBuckets } from '../store/source-buckets.ts';
import { uriForbidden } from './read-uri.ts';

/** An image of a batch prediction. */
export interface BatchImage {
  /** Name of the image in the output. */
  readonly name: string;
  /**
   * Reads the image's bytes; empty if the object is gone.
   * @throws DataError, ForbiddenError that concern this image alone
   */
  read(): Promise<Uint8Array>;
}

/**
 * Resolves a prefix to images in the store, or in a bucket that this Graft may read. A caller must not use Graft to
 * read what the caller may not read, so every other address is rejected without fetching anything.
 * @param prefix `inputs/2030/`, or `s3://BUCKET/PREFIX`
 * @param ownBucket the name by which callers know the store
 * @throws ForbiddenError URI_FORBIDDEN, BUCKET_NOT_ALLOWED
 */
export function imagesBelow(
  prefix: string,
  { ownBucket, buckets = noBuckets }: { readonly ownBucket: string; readonly buckets?: SourceBuckets | undefined },
): { readonly prefix: string } | { readonly source: string } {
  const address = parseS3Address(prefix);
  if (address === undefined) return { prefix };
  if (address.bucket !== ownBucket) {
    buckets.requireAllowed(address);
    return { source: prefix };
  }
  if (StorePrefix.safeParse(address.key).success) return { prefix: address.key };
  throw uriForbidden(prefix, ownBucket);
}

/**
 * Lists images in a fixed order.
 * @param after the name of an image, also of one that is gone: lists only the images after it; default: all
 */
export type ListBatchImages = (after?: string) => AsyncGenerator<BatchImage>;

/**
 * Opens the images of a batch prediction. They can be listed repeatedly. Those of a data set stay the same; below a
 * prefix, images come and go.
 * @throws NotFoundError if the data set is gone
 */
export async function openBatchImages({ dataset, prefix, source }: BatchPredictSpec, world: World): Promise<ListBatchImages> {
  if (dataset !== undefined) {
    const { store } = await withExternalImages(dataset, world);
    const { digest } = await findVersion(dataset, store);
    return async function* (after) {
      let isAfter = after === undefined;
      for await (const { path, sha256 } of streamManifest(digest, store)) {
        if (isAfter) yield stored(path, blobKey(sha256), store);
        isAfter ||= path === after;
      }
    };
  }
  if (source !== undefined) return (after) => imagesOfBucket(source, world.buckets ?? noBuckets, after);
  const { store } = world;
  const start = prefix ?? '';
  return async function* (after) {
    for await (const { key, size } of listKeys(store, start, keyOf(after, start)))
      if (!isFolder(key)) yield limited(stored(nameOf(key, start), key, store), size);
  };
}

/** The S3 console creates an empty object for a folder. */
function isFolder(key: string): boolean {
  return key.endsWith('/');
}

/** The name of an object: its key without the prefix, or the prefix itself if that is its key. */
function nameOf(key: string, prefix: string): string {
  return key.slice(prefix.length) || key;
}

/** The key after which the images after a name begin; empty for all. */
function keyOf(after: string | undefined, prefix: string): string {
  if (after === undefined) return '';
  return after === prefix ? prefix : `${prefix}${after}`;
}

function stored(name: string, key: string, store: World['store']): BatchImage {
  return { name, read: async () => (await store.get(key))?.body ?? new Uint8Array() };
}

/** Several images are in memory at once, so one that is too large is not read. */
function limited({ name, read }: BatchImage, size: number): BatchImage {
  if (size <= MAX_IMAGE_BYTES) return { name, read };
  return {
    name,
    async read() {
      throw new DataError('FILE_TOO_LARGE', {
        at: name,
        expected: `at most ${MAX_IMAGE_BYTES} bytes`,
        received: size,
        fix: 'make it smaller',
      });
    },
  };
}

async function* imagesOfBucket(source: string, buckets: SourceBuckets, after: string | undefined): AsyncGenerator<BatchImage> {
  const { bucket = '', key: start = '' } = parseS3Address(source) ?? {};
  const list = (prefix: string, page: { after?: string; limit?: number } = {}) =>
    buckets.list(bucket, prefix, { ...page, limit: page.limit ?? 1000 });
  for await (const { key, size } of listKeys({ list }, start, keyOf(after, start))) {
    const read = async () => (await buckets.read({ bucket, key }, MAX_IMAGE_BYTES))?.body ?? new Uint8Array();
    if (!isFolder(key)) yield limited({ name: nameOf(key, start), read }, size);
  }
}
