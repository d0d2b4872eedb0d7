import { StorePrefix } from '../contracts/names.ts';
import { formatS3Address, parseS3Address } from '../contracts/object-address.ts';
import { ForbiddenError, NotFoundError, SpecError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { storeKeys } from '../store/store-keys.ts';

/**
 * Reads an image that a caller names by its URI. Reads only Graft's own bucket, and in it only the prefixes of images:
 * a caller must not use Graft to read what the caller may not read.
 * @param ownBucket the name by which callers know the store
 * @param maxBytes of this image
 * @param totalBytes of all images of the request, for the error
 * @returns the image's bytes
 * @throws ForbiddenError URI_FORBIDDEN; NotFoundError OBJECT_NOT_FOUND; SpecError IMAGES_TOO_LARGE
 */
export async function readUri(
  uri: string,
  {
    ownBucket,
    store,
    maxBytes,
    totalBytes = maxBytes,
  }: { ownBucket: string; store: ObjectStore; maxBytes: number; totalBytes?: number },
): Promise<Uint8Array> {
  const { bucket = '', key = '' } = parseS3Address(uri) ?? {};
  if (bucket !== ownBucket || !StorePrefix.safeParse(key).success) throw uriForbidden(uri, ownBucket);
  const head = await store.head(key);
  if (head === undefined)
    throw new NotFoundError('OBJECT_NOT_FOUND', {
      at: uri,
      expected: 'an image',
      received: 'no object',
      fix: 'check the address',
    });
  if (head.size > maxBytes) throw imagesTooLarge(uri, totalBytes);
  // An empty object has no range.
  return head.size === 0 ? new Uint8Array() : store.getRange(key, 0, head.size);
}

/** Creates the error for a URI that Graft does not read. */
export function uriForbidden(uri: string, ownBucket: string): ForbiddenError {
  return new ForbiddenError('URI_FORBIDDEN', {
    at: uri,
    expected:
      `an object of ${formatS3Address({ bucket: ownBucket, key: storeKeys.inputs.prefix })} or ` +
      `${formatS3Address({ bucket: ownBucket, key: storeKeys.blobs.prefix })}`,
    received: uri,
    fix: 'copy the image to such an address, or send its bytes',
  });
}

/** Creates the error for images that exceed `maxBytes` bytes. */
export function imagesTooLarge(at: string, maxBytes: number): SpecError {
  return new SpecError('IMAGES_TOO_LARGE', {
    at,
    expected: `images of at most ${maxBytes} bytes together`,
    received: 'more',
    fix: 'send several requests, or make a batch prediction',
  });
}
