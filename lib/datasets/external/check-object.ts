import { createHash } from 'node:crypto';
import { ImagePath, type RefusedFile, type UploadFile } from '../../contracts/dataset.ts';
import { formatS3Address } from '../../contracts/object-address.ts';
import { osJunk, refuse } from '../../contracts/refuse.ts';
import { isOsJunk, MAX_IMAGE_BYTES } from '../../contracts/upload-files.ts';
import { DataError, ForbiddenError } from '../../errors.ts';
import type { SourceBuckets } from '../../ports.ts';
import { decodeForCheck } from '../checks/check-content.ts';
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

/** Labels are parsed as a whole. */
const MAX_LABEL_BYTES = 256 * 2 ** 20;

/**
 * Reads an object once and decodes it. Images stay in their bucket. A file with labels is small, and is copied.
 * @param copy puts a file into the store
 * @throws errors that a retry may fix
 */
export async function checkObject(
  { path, bucket, key: firstKey, otherKeys = [], size }: Candidate,
  buckets: SourceBuckets,
  copy: (file: UploadFile, body: Uint8Array) => Promise<void>,
): Promise<LocatedFile | RefusedFile> {
  const isLabels = /\.(?:csv|tsv|jsonl|json|xml|txt|lst|manifest|ya?ml)$/i.test(path);
  const most = isLabels ? MAX_LABEL_BYTES : MAX_IMAGE_BYTES;
  if (isOsJunk(path)) return { path, ...osJunk };
  if (!ImagePath.safeParse(path).success)
    return refuse(path, 'S3_KEY_INVALID', { at: formatS3Address({ bucket, key: firstKey }), ...noPath });
  if ((size ?? 0) > most) return tooLarge(path, most, size);
  try {
    const found = await readFirst([firstKey, ...otherKeys], (key) => buckets.read({ bucket, key }, most + 1));
    if (found === undefined) return refuse(path, 'FILE_MISSING', { at: formatS3Address({ bucket, key: firstKey }), ...nothing });
    const { key, object } = found;
    const { body, etag, version } = object;
    if (body.length > most) return tooLarge(path, most, 'more');
    const sha256 = createHash('sha256').update(body).digest('hex');
    const check = await decodeForCheck(body);
    if (isLabels && 'code' in check) await copy({ path, size: body.length, sha256 }, body);
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

function tooLarge(path: string, most: number, received: unknown): RefusedFile {
  return refuse(path, 'FILE_TOO_LARGE', { expected: `at most ${most} bytes`, received, fix: 'make it smaller' });
}

const noPath = { expected: 'a key that is a valid path', fix: 'rename the object, without "//", "." and ".."' };
const nothing = { expected: 'an object', received: 'nothing', fix: 'check the address, or import again' };
