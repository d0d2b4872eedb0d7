import { createHash } from 'node:crypto';
import { z } from 'zod';
import { RefusedFile, type UploadFile } from '../contracts/dataset.ts';
import { createDocument, readDocument } from '../documents.ts';
import { DataError, type ErrorDetail } from '../errors.ts';
import { decodeImage } from '../images/decode-image.ts';
import type { ObjectStore } from '../ports.ts';
import { blobKey } from './blob-key.ts';
import { reasonFor } from './refuse.ts';

const Size = z.strictObject({ width: z.int().min(1), height: z.int().min(1) });
const Refusal = RefusedFile.omit({ path: true });

/** What an image is found to be: its size in pixels after orientation, or why it cannot be taken. */
const ImageCheck = z.union([Size, Refusal]);
type ImageCheck = z.infer<typeof ImageCheck>;

/** To be raised whenever `decodeImage` takes or refuses other bytes than before: then every image is checked anew. */
const RULES = 1;
const checkDocument = { schema: ImageCheck, key: (sha256: string) => `checks/${RULES}/${sha256}.json` };

/** Larger files are refused unread, so that a film among the photographs fills no memory. */
const MAX_BYTES = 64 * 2 ** 20;

const fix = 'upload the file again';

export interface CheckedImage {
  readonly check: ImageCheck;
  /** What it cost: the image was decoded, a check of the same bytes was known, or nothing had to be looked at. */
  readonly work: 'decoded' | 'known' | 'none';
}

/**
 * Decodes an uploaded file in full, once for its content: what was found is kept in the store. The blob must have arrived with
 * the size and the SHA-256 that were announced.
 */
export async function checkImage({ size, sha256 }: UploadFile, store: ObjectStore): Promise<CheckedImage> {
  if (size > MAX_BYTES)
    return unread('FILE_TOO_LARGE', { expected: `at most ${MAX_BYTES} bytes`, received: size, fix: 'make it smaller' });
  const known = await readDocument(store, checkDocument, sha256);
  if (known !== undefined) {
    const blob = await store.head(blobKey(sha256));
    return blob?.size === size ? { check: known, work: 'known' } : notArrived(size, blob?.size);
  }
  const blob = await store.get(blobKey(sha256));
  if (blob?.body.length !== size) return notArrived(size, blob?.body.length);
  const received = createHash('sha256').update(blob.body).digest('hex');
  if (received !== sha256) return unread('FILE_CHANGED', { expected: `SHA-256 ${sha256}`, received, fix });
  const check = await decodeForCheck(blob.body);
  await createDocument(store, checkDocument, sha256, check);
  return { check, work: 'decoded' };
}

async function decodeForCheck(bytes: Uint8Array): Promise<ImageCheck> {
  try {
    const { width, height } = await decodeImage(bytes);
    return { width, height };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { code: error.code, message: error.message };
  }
}

function notArrived(expected: number, received: number | undefined): CheckedImage {
  if (received === undefined) return unread('FILE_MISSING', { expected: `${expected} bytes`, received: 'nothing', fix });
  return unread('FILE_CHANGED', { expected: `${expected} bytes`, received, fix });
}

function unread(code: string, detail: ErrorDetail): CheckedImage {
  return { check: reasonFor(code, detail), work: 'none' };
}
