import { createHash } from 'node:crypto';
import { ImagePath, type RefusedFile, type UploadFile } from '../../contracts/dataset.ts';
import { formatS3Address } from '../../contracts/object-address.ts';
import { osJunk, refuse } from '../../contracts/refuse.ts';
import { isOsJunk, mayLabel, mostBytes } from '../../contracts/upload-files.ts';
import { DataError, ForbiddenError } from '../../errors.ts';
import type { SourceBuckets } from '../../ports.ts';
import { decodeForCheck } from '../checks/check-content.ts';
import { tooLarge } from '../files/too-large.ts';
import type { LocatedFile } from './located-parts.ts';

/** An object that may be an image of the data set. */
export interface Candidate {
  readonly path: string;
  readonly bucket: string;
  readonly key: string;
  /** Tried in turn if there is no object of this key. */
  readonly otherKeys?: readonly string[];
  /** Bytes, if known before reading. */
  readonly size?: number;
  /** If known before reading. */
  readonly etag?: string;
}

/**
 * Reads an object once and decodes it. Images stay in their bucket. A file that may have labels is copied.
 * @param copy puts a file into the store
 * @throws errors that a retry may fix
 */
export async function checkObject(
  { path, bucket, key: firstKey, otherKeys = [], size }: Candidate,
  buckets: SourceBuckets,
  copy: (file: UploadFile, body: Uint8Array) => Promise<void>,
): Promise<LocatedFile | RefusedFile> {
  if (isOsJunk(path)) return { path, ...osJunk };
  if (!ImagePath.safeParse(path).success)
    return refuse(path, 'S3_KEY_INVALID', { at: formatS3Address({ bucket, key: firstKey }), ...noPath });
  const listed = tooLarge(path, size ?? 0);
  if (listed !== undefined) return refuse(path, 'FILE_TOO_LARGE', listed);
  try {
    const found = await readFirst([firstKey, ...otherKeys], (key) => buckets.read({ bucket, key }, mostBytes(path) + 1));
    if (found === undefined) return refuse(path, 'FILE_MISSING', { at: formatS3Address({ bucket, key: firstKey }), ...nothing });
    const { key, object } = found;
    const { body, etag, version } = object;
    // The read ends at the limit.
    const grown = tooLarge(path, body.length);
    if (grown !== undefined) return refuse(path, 'FILE_TOO_LARGE', { ...grown, received: `${body.length} or more` });
    const sha256 = createHash('sha256').update(body).digest('hex');
    const check = await decodeForCheck(body);
    if (mayLabel(path) && 'code' in check) await copy({ path, size: body.length, sha256 }, body);
    return { path, size: body.length, sha256, place: { bucket, key, etag, ...(version !== undefined && { version }) }, check };
  } catch (error) {
    if (!(error instanceof ForbiddenError || error instanceof DataError)) throw error;
    return { path, code: error.code, message: error.message };
  }
}

/**
 * Reads the first key that has an object. S3 may deny access to a key that does not exist: that does not end the search.
 * @throws ForbiddenError the first one, if no key is found
 */
async function readFirst<Read>(keys: readonly string[], read: (key: string) => Promise<Read | undefined>) {
  let denied: ForbiddenError | undefined;
  for (const key of keys) {
    try {
      const object = await read(key);
      if (object !== undefined) return { key, object };
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error;
      denied ??= error;
    }
  }
  if (denied !== undefined) throw denied;
  return undefined;
}

const noPath = { expected: 'a key that is a valid path', fix: 'rename the object, without "//", "." and ".."' };
const nothing = { expected: 'an object', received: 'nothing', fix: 'check the address, or import again' };
