import { createHash } from 'node:crypto';
import { formatS3Address } from '../../contracts/object-address.ts';
import { DataError, ForbiddenError } from '../../errors.ts';
import type { ObjectStore, SourceBuckets, World } from '../../ports.ts';
import { noBuckets } from '../../store/source-buckets.ts';
import { blobKey, sha256OfBlob } from '../files/blob-key.ts';
import { findVersion } from '../versions/dataset-store.ts';
import { type ObjectLocation, type ObjectLocations, readObjectLocations } from './object-locations.ts';

/**
 * A world whose store reads images of a version by their content, also images that stay in their own buckets. Returns
 * the given world if the version has no external images.
 * @throws NotFoundError as `openDataset`; RuntimeError OBJECT_LOCATIONS_MISSING; reading an image throws IMAGE_CHANGED,
 * IMAGE_MISSING and the errors of `SourceBuckets`
 */
export async function withExternalImages<Given extends Pick<World, 'store' | 'buckets'>>(
  ref: string,
  world: Given,
): Promise<Given> {
  const { inPlace: external } = await findVersion(ref, world.store);
  if (external === undefined) return world;
  const locations = await readObjectLocations(external.places, world.store);
  return { ...world, store: externalStore(world.store, locations, world.buckets ?? noBuckets) };
}

export function externalStore(store: ObjectStore, locations: ObjectLocations, buckets: SourceBuckets): ObjectStore {
  const locationOf = (key: string): ObjectLocation | undefined => {
    const sha256 = sha256OfBlob(key);
    return sha256 === undefined ? undefined : locations.find(sha256);
  };
  return {
    ...store,
    async get(key) {
      const location = locationOf(key);
      return location === undefined
        ? store.get(key)
        : { body: await readExternal(location, buckets, store), etag: location.sha256 };
    },
    async getRange(key, start, end) {
      const location = locationOf(key);
      return location === undefined
        ? store.getRange(key, start, end)
        : (await readExternal(location, buckets, store)).subarray(start, end);
    },
    async head(key) {
      const location = locationOf(key);
      // The modification time of an external object is not stored, and not needed.
      return location === undefined
        ? store.head(key)
        : { key, size: location.size, etag: location.sha256, modifiedAt: new Date(0) };
    },
  };
}

/**
 * Reads the bytes that were imported, whatever is under the key now: from the object, from its imported version, or
 * from the store, if another data set has the image there.
 */
async function readExternal(location: ObjectLocation, buckets: SourceBuckets, store: ObjectStore): Promise<Uint8Array> {
  const { sha256, size, bucket, key, version } = location;
  // One byte more than expected detects a longer object without reading all of it.
  const found = await orRefusal(buckets.read({ bucket, key }, size + 1));
  if (!(found instanceof Error) && found !== undefined && isOf(found.body, sha256)) return found.body;
  if (version !== undefined) {
    const earlier = await orRefusal(buckets.read({ bucket, key, version }, size + 1));
    if (!(earlier instanceof Error) && earlier !== undefined && isOf(earlier.body, sha256)) return earlier.body;
  }
  const own = await store.get(blobKey(sha256));
  if (own !== undefined) return own.body;
  if (found instanceof Error) throw found;
  throw found === undefined ? imageGone(location) : imageChanged(location, found.etag);
}

/** Returns a refusal as a value, because the bytes may be available elsewhere. */
async function orRefusal<T>(reading: Promise<T>): Promise<T | ForbiddenError | DataError> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ForbiddenError || error instanceof DataError) return error;
    throw error;
  }
}

function isOf(body: Uint8Array, sha256: string): boolean {
  return createHash('sha256').update(body).digest('hex') === sha256;
}

function imageChanged({ bucket, key, etag, sha256 }: ObjectLocation, received: string): DataError {
  return new DataError('IMAGE_CHANGED', {
    at: formatS3Address({ bucket, key }),
    expected: `the imported object, with ETag ${etag} and SHA-256 ${sha256}`,
    received: `another one, with ETag ${received}`,
    fix,
  });
}

function imageGone({ bucket, key, etag }: ObjectLocation): DataError {
  const expected = `the object with ETag ${etag}, which was imported`;
  return new DataError('IMAGE_MISSING', { at: formatS3Address({ bucket, key }), expected, received: 'nothing', fix });
}

const fix = 'put the object back as it was, or import the data set again for a version without it';
