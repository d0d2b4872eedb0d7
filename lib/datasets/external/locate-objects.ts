import { mapInOrder } from '../../concurrency.ts';
import type { RefusedFile, UploadFile, UploadRecord } from '../../contracts/dataset.ts';
import { isRootManifest, mostBytes } from '../../contracts/upload-files.ts';
import { DataError } from '../../errors.ts';
import type { ObjectStore, World } from '../../ports.ts';
import { noBuckets } from '../../store/source-buckets.ts';
import { blobKey } from '../files/blob-key.ts';
import { concatenate } from '../tables/concatenate.ts';
import { BACKGROUND_PATIENCE_MS } from '../uploads/removal-marks.ts';
import { type S3Source, sourceAt } from '../uploads/s3-source.ts';
import { reserveFiles } from '../uploads/upload.ts';
import { type CandidateBatch, listedBatches, namedBatches } from './candidates.ts';
import { type Candidate, checkObject } from './check-object.ts';
import { type FindKnown, findKnownObjects } from './known-objects.ts';
import { addLocatedPart, type Cursor, type LocatedFile, type LocatedPart, readLocatedParts } from './located-parts.ts';

/** The files of an upload that stay in S3. */
export interface LocatedUpload {
  readonly upload: string;
  /** The address of the upload; undefined if its manifest names addresses. */
  readonly address?: string | undefined;
  readonly source?: S3Source | undefined;
  files(): AsyncIterable<LocatedFile>;
  readonly refused: readonly RefusedFile[];
}

export interface LocateOptions {
  /** If aborted, the progress is saved, and the signal's reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** The number found may still grow. */
  readonly onProgress?: (done: number, found: number) => void;
}

/** Objects in progress at once. */
const concurrency = 8;

/**
 * Finds the external objects of an upload, in the order of their keys or of the manifest's rows, and checks each once,
 * unless an earlier import did. It holds one page at a time, saves its progress, and continues after an interruption.
 * @param sent the files of the upload that were sent
 * @returns undefined if the upload has no external objects
 * @throws ForbiddenError BUCKET_NOT_ALLOWED, S3_ACCESS_DENIED; NotFoundError SOURCE_BUCKET_MISSING; DataError
 * PREFIX_EMPTY, and those of the manifest
 */
export async function locateObjects(
  { id, name, source: address }: Pick<UploadRecord, 'id' | 'name' | 'source'>,
  sent: () => AsyncIterable<UploadFile>,
  { store, clock, buckets = noBuckets }: Pick<World, 'store' | 'clock' | 'buckets'>,
  { signal, onProgress }: LocateOptions = {},
): Promise<LocatedUpload | undefined> {
  const source = address === undefined ? undefined : sourceAt(address);
  const start: Cursor = source === undefined ? { stage: 'rows', done: 0 } : { stage: 'listing', after: '' };
  async function* files(): AsyncGenerator<LocatedFile> {
    for await (const part of readLocatedParts(id, store)) yield* part.files;
  }
  async function* batchesFrom(cursor: Cursor): AsyncGenerator<CandidateBatch> {
    if (cursor.stage === 'end') return;
    if (cursor.stage === 'listing' && source !== undefined) return yield* listedBatches(source, cursor.after, buckets);
    const manifest = await rootManifest(concatenate(sent(), files()), store);
    const done = cursor.stage === 'rows' ? cursor.done : 0;
    if (manifest === undefined) yield { candidates: [], next: { stage: 'end' } };
    else yield* namedBatches(manifest, source, done);
  }

  /** The part that names the file is written after its batch; until then the file is held. */
  async function copy(file: UploadFile, body: Uint8Array): Promise<void> {
    const missing = await reserveFiles(id, [file], { store, clock }, BACKGROUND_PATIENCE_MS);
    if (missing.length > 0) await store.put(blobKey(file.sha256), body);
  }

  let known: Promise<FindKnown> | undefined;
  // An object of a manifest has no ETag before it is read, so only listed objects can be known.
  async function knownAs(candidate: Candidate): Promise<LocatedFile | undefined> {
    if (candidate.etag === undefined) return undefined;
    known ??= findKnownObjects(name, store);
    return (await known)(candidate);
  }

  for (;;) {
    const { parts, found, next, refused } = await resume(id, start, store);
    if (next.stage === 'end') {
      if (source === undefined && found === 0) return undefined;
      if (found === 0) throw nothingThere(address);
      return { upload: id, address, source, files, refused };
    }
    let [number, done] = [parts, found];
    for await (const batch of batchesFrom(next)) {
      const seen = done;
      const part = await takeBatch(batch, {
        take: async (candidate) => (await knownAs(candidate)) ?? checkObject(candidate, buckets, copy),
        onTaken: (count) => onProgress?.(seen + count, seen + batch.candidates.length),
        signal,
      });
      // An upload of files alone writes nothing here.
      if (part.next.stage === 'end' && source === undefined && done + countOf(part) === 0) return undefined;
      // If another import of this upload is faster, this one continues from its parts.
      if (!(await addLocatedPart(id, number++, part, store))) break;
      done += countOf(part);
      signal?.throwIfAborted();
    }
  }
}

async function takeBatch(
  { candidates, next }: CandidateBatch,
  {
    take,
    onTaken,
    signal,
  }: {
    take: (candidate: CandidateBatch['candidates'][number]['candidate']) => Promise<LocatedFile | RefusedFile>;
    onTaken: (count: number) => void;
    signal: AbortSignal | undefined;
  },
): Promise<LocatedPart> {
  const files: LocatedFile[] = [];
  const refused: RefusedFile[] = [];
  for await (const { taken, after } of mapInOrder(candidates, concurrency, async (one) => ({
    taken: await take(one.candidate),
    after: one.next,
  }))) {
    if ('code' in taken) refused.push(taken);
    else files.push(taken);
    const count = files.length + refused.length;
    onTaken(count);
    if (signal?.aborted && count < candidates.length) return { next: after, files, refused };
  }
  return { next, files, refused };
}

/** The progress of earlier attempts. */
async function resume(id: string, start: Cursor, store: ObjectStore) {
  let [parts, found, next] = [0, 0, start];
  const refused: RefusedFile[] = [];
  for await (const part of readLocatedParts(id, store)) {
    parts++;
    found += countOf(part);
    next = part.next;
    refused.push(...part.refused);
  }
  return { parts, found, next, refused };
}

function countOf({ files, refused }: LocatedPart): number {
  return files.length + refused.length;
}

async function rootManifest(files: AsyncIterable<UploadFile>, store: ObjectStore) {
  for await (const { path, sha256, size } of files) {
    // The import refuses one that is too large.
    if (!isRootManifest(path) || size > mostBytes(path)) continue;
    const object = await store.get(blobKey(sha256));
    // The import reports a file that did not arrive.
    if (object !== undefined) return { name: path, bytes: object.body };
  }
  return undefined;
}

function nothingThere(address = ''): DataError {
  const fix = 'check the address: aws s3 ls';
  return new DataError('PREFIX_EMPTY', { at: address, expected: 'objects below it', received: 'none', fix });
}
