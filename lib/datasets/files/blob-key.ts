import { storeKeys } from '../../store/store-keys.ts';

const BLOB = new RegExp(`^${storeKeys.blobs.prefix}[0-9a-f]{2}/([0-9a-f]{64})$`);

/**
 * The key of a file's bytes. It is the SHA-256 of the bytes, so data sets share equal files.
 * @param sha256 64 hexadecimal digits
 * @example
 * ```ts
 * const image = await store.get(blobKey(row.sha256));
 * ```
 */
export function blobKey(sha256: string): string {
  return `${storeKeys.blobs.prefix}${sha256.slice(0, 2)}/${sha256}`;
}

/** The SHA-256 in the key of a blob; undefined for any other key. */
export function sha256OfBlob(key: string): string | undefined {
  return BLOB.exec(key)?.[1];
}
