/**
 * An upload: a listing sent in parts, a signed request for each file that the store lacks, and a completion that puts the import on
 * the queue. Parts are named by their content, so a part that is sent twice counts once.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UploadFile, UploadRecord } from '../contracts/dataset.ts';
import type { AddedFiles } from '../contracts/http.ts';
import { changeDocument, createDocument, readDocument } from '../documents.ts';
import { ConflictError, DataError, errorJson, type GraftError, NotFoundError } from '../errors.ts';
import { listKeys } from '../list-keys.ts';
import { newId } from '../new-id.ts';
import type { ObjectStore, World } from '../ports.ts';
import { noBuckets } from '../source-buckets.ts';
import { blobKey } from './blob-key.ts';
import { sourceAt } from './in-place/s3-address.ts';

const uploadDocument = { schema: UploadRecord, key: (id: string) => `uploads/${id}.json` };
const SIGNATURE_SECONDS = 3600;

/**
 * Begins an upload; of images that stay where they are, the import itself.
 * @param id of the upload; where there is one already, it is continued. Default: a new id
 * @throws ForbiddenError BUCKET_NOT_ALLOWED
 */
export async function createUpload(
  { name, maxRefused, source }: Pick<UploadRecord, 'name' | 'maxRefused' | 'source'>,
  world: World,
  id = newId('upload', world.clock.now()),
): Promise<UploadRecord> {
  if (source !== undefined) requireAllowed(source, world);
  const now = world.clock.now();
  const record: UploadRecord = {
    id,
    name,
    ...(source !== undefined && { source }),
    state: source === undefined ? 'UPLOADING' : 'IMPORTING',
    maxRefused,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    parts: 0,
    files: 0,
  };
  const isNew = await createDocument(world.store, uploadDocument, id, record);
  const upload = isNew ? record : await readUpload(world.store, id);
  // A second message for an import that is under way finds it done.
  if (upload.source !== undefined && upload.state === 'IMPORTING')
    await world.queues.imports.send({ type: 'import', upload: id });
  return upload;
}

function requireAllowed(address: string, { buckets = noBuckets }: World): void {
  const { bucket, prefix, manifest } = sourceAt(address);
  buckets.requireAllowed({ bucket, key: manifest ?? prefix });
}

/** @throws NotFoundError UPLOAD_NOT_FOUND; ConflictError UPLOAD_COMPLETED */
export async function addFiles(id: string, files: readonly UploadFile[], world: World): Promise<AddedFiles> {
  const { store } = world;
  const upload = await readUpload(store, id);
  if (upload.state !== 'UPLOADING') {
    throw new ConflictError('UPLOAD_COMPLETED', {
      at: id,
      expected: 'UPLOADING',
      received: upload.state,
      fix: 'begin another upload',
    });
  }
  const part = new TextEncoder().encode(JSON.stringify(files));
  await store.put(`${partsPrefix(id)}${createHash('sha256').update(part).digest('hex')}`, part);
  const uploads = await Promise.all(
    files.map(async ({ path, size, sha256 }) => {
      const key = blobKey(sha256);
      const known = await store.head(key);
      if (known?.size === size) return [];
      return [{ path, request: await store.signUpload(key, { size, sha256, expiresInSeconds: SIGNATURE_SECONDS }) }];
    }),
  );
  return { uploads: uploads.flat() };
}

/** Checks that no part was lost, and puts the import on the queue. Asking again changes nothing. @throws DataError UPLOAD_INCOMPLETE */
export async function completeUpload(id: string, sent: { parts: number; files: number }, world: World): Promise<UploadRecord> {
  await readUpload(world.store, id);
  let parts = 0;
  let files = 0;
  for await (const part of readParts(id, world.store)) {
    parts++;
    files += part.length;
  }
  if (parts !== sent.parts || files !== sent.files) {
    throw new DataError('UPLOAD_INCOMPLETE', {
      at: id,
      expected: `${sent.files} files in ${sent.parts} parts`,
      received: `${files} files in ${parts} parts`,
      fix: 'send the missing parts, then complete again',
    });
  }
  const record = await changeUpload(id, world, (upload) =>
    upload.state === 'UPLOADING' ? { ...upload, state: 'IMPORTING', ...sent } : undefined,
  );
  if (record.state === 'IMPORTING') await world.queues.imports.send({ type: 'import', upload: id });
  return record;
}

/** Ends an upload that is being imported. @returns whether it was */
export async function failUpload(id: string, error: GraftError, world: World): Promise<boolean> {
  const { retryable } = error;
  let failed = false;
  await changeUpload(id, world, (current) => {
    failed = current.state === 'IMPORTING';
    return failed ? ended({ ...current, state: 'FAILED', error: { ...errorJson(error), retryable } }) : undefined;
  });
  if (failed) world.log('import.failed', { upload: id, error: errorJson(error), stack: error.stack });
  return failed;
}

/** @throws NotFoundError UPLOAD_NOT_FOUND */
export async function readUpload(store: ObjectStore, id: string): Promise<UploadRecord> {
  return (await readDocument(store, uploadDocument, id)) ?? missing(id);
}

/** Changes an upload by compare-and-swap; undefined leaves it as it is. @throws NotFoundError UPLOAD_NOT_FOUND */
export async function changeUpload(
  id: string,
  world: World,
  change: (upload: UploadRecord) => UploadRecord | undefined,
): Promise<UploadRecord> {
  const changed = await changeDocument(world.store, uploadDocument, id, (current) => {
    const next = change(current ?? missing(id));
    return next && { ...next, updatedAt: world.clock.now().toISOString() };
  });
  return changed ?? missing(id);
}

/** Nothing is under way any more. */
export function ended({ progress: _, ...upload }: UploadRecord): UploadRecord {
  return upload;
}

/** Uploads are listed newest first: those that are looked at, and how long one of which nothing more came is taken for one that goes on. */
const NEWEST = 100;
const ABANDONED_MS = 86_400_000;

/** Whether an upload may be counting on images that the store has. */
export async function isUploading({ store, clock }: Pick<World, 'store' | 'clock'>): Promise<boolean> {
  const { objects } = await store.list('uploads/', { limit: NEWEST });
  const since = clock.now().getTime() - ABANDONED_MS;
  for (const { key } of objects) {
    const record = await readDocument(store, uploadDocument, key.slice('uploads/'.length, -'.json'.length));
    const isOpen = record?.state === 'UPLOADING' || record?.state === 'IMPORTING';
    if (isOpen && Date.parse(record.updatedAt) > since) return true;
  }
  return false;
}

/** The parts of a listing, one at a time: a listing may have millions of files. */
export async function* readParts(id: string, store: ObjectStore): AsyncGenerator<UploadFile[]> {
  for await (const { key } of listKeys(store, partsPrefix(id))) {
    const object = await store.get(key);
    if (object !== undefined) yield z.array(UploadFile).parse(JSON.parse(new TextDecoder().decode(object.body)));
  }
}

/** Where the files lie that made an upload fail, where there are too many for its record. */
export function refusedKey(id: string): string {
  return `refused/${id}.json`;
}

function partsPrefix(id: string): string {
  return `upload-parts/${id}/`;
}

function missing(id: string): never {
  throw new NotFoundError('UPLOAD_NOT_FOUND', {
    at: id,
    expected: 'the id of an upload',
    received: id,
    fix: 'begin another upload',
  });
}
