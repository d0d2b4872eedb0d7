import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { UploadFile } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { reasonFor } from '../../contracts/refuse.ts';
import { MAX_IMAGE_BYTES } from '../../contracts/upload-files.ts';
import { DataError } from '../../errors.ts';
import { decodeWithinMemory } from '../../images/decode-within-memory.ts';
import { perceptualHash } from '../../images/perceptual-hash.ts';
import type { RgbImage } from '../../images/rgb-image.ts';
import type { InputCache, ObjectStore } from '../../ports.ts';
import { blobKey } from '../files/blob-key.ts';
import { largerThan } from '../files/too-large.ts';
import { type FittedInput, fitToUsualInput } from './fit-to-usual-input.ts';
import type { ImageCheck, ImageChecks } from './image-checks.ts';

/**
 * How a check was made: by decoding the image, by finding an earlier check of the same bytes, or neither. Only
 * `decoded` goes into the checks of all data sets.
 */
export const CheckWork = z.enum(['decoded', 'known', 'none']);

export interface CheckedContent {
  readonly check: ImageCheck;
  readonly work: z.infer<typeof CheckWork>;
}

/** Checks of an upload that functions have made. */
export interface FoundChecks {
  /** @param index of the content among all contents of the upload @returns undefined if it must be checked (again) */
  find(content: Pick<UploadFile, 'size' | 'sha256'>, index: number): Promise<CheckedContent | undefined>;
}

/**
 * Decodes uploaded bytes completely, unless an earlier import did. Compares their size and SHA-256 with the announced
 * ones; a mismatch is not stored, because the right bytes may still arrive.
 * @param inputs where to keep inputs of networks for the training that may follow
 */
export async function checkContent(
  { size, sha256 }: Pick<UploadFile, 'size' | 'sha256'>,
  checks: ImageChecks,
  store: ObjectStore,
  inputs?: InputCache,
): Promise<CheckedContent> {
  const large = largerThan(MAX_IMAGE_BYTES, size);
  if (large !== undefined) return refused('FILE_TOO_LARGE', large);
  const key = blobKey(sha256);
  const known = await checks.find(sha256);
  if (known !== undefined) {
    const blob = await store.head(key);
    return blob?.size === size ? { check: known, work: 'known' } : notArrived(size, blob?.size);
  }
  const blob = await store.get(key);
  if (blob?.body.length !== size) return notArrived(size, blob?.body.length);
  const received = createHash('sha256').update(blob.body).digest('hex');
  if (received !== sha256) return refused('FILE_CHANGED', { expected: `SHA-256 ${sha256}`, received, fix });
  const fitted: FittedInput[] = [];
  const check = await decodeForCheck(blob.body, inputs && ((image) => fitted.push(...fitToUsualInput(image))));
  await Promise.all(fitted.map(({ input, pixels }) => inputs?.keep(sha256, input, pixels)));
  // A timeout also depends on this machine, so the next import decodes the image again.
  return { check, work: 'code' in check && check.code === 'IMAGE_DECODE_TIMEOUT' ? 'none' : 'decoded' };
}

const fix = 'upload the file again';

function notArrived(expected: number, received: number | undefined): CheckedContent {
  if (received === undefined) return refused('FILE_MISSING', { expected: `${expected} bytes`, received: 'nothing', fix });
  return refused('FILE_CHANGED', { expected: `${expected} bytes`, received, fix });
}

function refused(code: string, detail: ErrorDetail): CheckedContent {
  return { check: reasonFor(code, detail), work: 'none' };
}

/**
 * Decodes an image.
 * @param use called with the image; must not keep its pixels
 * @returns its properties, or the reason why it is refused
 */
export async function decodeForCheck(bytes: Uint8Array, use?: (image: RgbImage) => void): Promise<ImageCheck> {
  try {
    return await decodeWithinMemory(bytes, (image) => {
      use?.(image);
      const hash = perceptualHash(image);
      return { width: image.width, height: image.height, ...(hash !== undefined && { hash }) };
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { code: error.code, message: error.message };
  }
}
