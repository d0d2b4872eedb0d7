/**
 * An upload: a listing in parts, a signed request for each file that the store lacks, and a completion that queues the
 * import.
 */
import type { UploadFile, UploadRecord } from '../../contracts/dataset.ts';
import type { AddedFiles, CompleteUpload } from '../../contracts/dataset-http.ts';
import { DataError } from '../../errors.ts';
import type { ObjectStore, World } from '../../ports.ts';
import { newId } from '../../store/new-id.ts';
import { noBuckets } from '../../store/source-buckets.ts';
import { blobKey } from '../files/blob-key.ts';
import { REQUEST_PATIENCE_MS, waitForMarks } from './removal-marks.ts';
import { markImport, queueImport } from './running-imports.ts';
import { sourceAt } from './s3-source.ts';
import { readParts, writePart, writeUnsent } from './upload-parts.ts';
import { changeUpload, openUpload, type Records, readUpload, requireUploading, touchUpload } from './upload-record.ts';

const SIGNATURE_SECONDS = 3600;

/**
 * Starts an upload; for external images, starts the import.
 * @param id of the upload; an existing upload with this id is continued. Default: a new id
 * @throws ForbiddenError BUCKET_NOT_ALLOWED
 */
export async function createUpload(
  { name, maxRefused, source }: Pick<UploadRecord, 'name' | 'maxRefused' | 'source'>,
  world: World,
  id = newId('upload', world.clock.now()),
): Promise<UploadRecord> {
  if (source !== undefined) requireAllowed(source, world);
  const given = source === undefined ? ({ state: 'UPLOADING' } as const) : ({ source, state: 'IMPORTING' } as const);
  if (source !== undefined) await markImport(id, world);
  const upload = await openUpload({ name, maxRefused, ...given }, world, id);
  // A second message for a running import does nothing.
  if (upload.source !== undefined && upload.state === 'IMPORTING') await queueImport(id, world);
  return upload;
}

function requireAllowed(address: string, { buckets = noBuckets }: World): void {
  const { bucket, prefix, manifest } = sourceAt(address);
  buckets.requireAllowed({ bucket, key: manifest ?? prefix });
}

/**
 * Adds a part to the listing of an upload.
 * @returns a signed request for each file that the store lacks
 * @throws NotFoundError UPLOAD_NOT_FOUND; ConflictError UPLOAD_COMPLETED; CapacityError REMOVAL_IN_PROGRESS
 */
export async function addFiles(id: string, files: readonly UploadFile[], world: World): Promise<AddedFiles> {
  const { store } = world;
  const missing = new Set(await addPart(id, files, world));
  const uploads = files
    .filter((file) => missing.has(file))
    .map(async ({ path, size, sha256 }) => {
      const request = await store.signUpload(blobKey(sha256), { size, sha256, expiresInSeconds: SIGNATURE_SECONDS });
      return { path, request };
    });
  return { uploads: await Promise.all(uploads) };
}

/**
 * Adds a part to the listing of an upload.
 * @returns the files that the store lacks; the other files are kept while the upload is open
 * @throws as `addFiles`
 */
export async function addPart(
  id: string,
  files: readonly UploadFile[],
  world: Records,
  patienceMs = REQUEST_PATIENCE_MS,
): Promise<UploadFile[]> {
  requireUploading(await readUpload(id, world.store));
  const part = await writePart(id, 'listed', files, world.store);
  // An upload that ended before its part was written does not keep the part's files.
  await touchUpload(id, world);
  return findMissing(files, part, patienceMs, world);
}

/**
 * Holds files for an import that will copy the missing ones and name all of them in a part of its own. @returns the
 * missing files
 */
export async function reserveFiles(
  id: string,
  files: readonly UploadFile[],
  world: Records,
  patienceMs = REQUEST_PATIENCE_MS,
): Promise<UploadFile[]> {
  return findMissing(files, await writePart(id, 'held', files, world.store), patienceMs, world);
}

/** A file that is being removed counts as missing, and must not be sent before the removal ends. */
async function findMissing(
  files: readonly UploadFile[],
  reference: string,
  patienceMs: number,
  world: Records,
): Promise<UploadFile[]> {
  const keys = new Set(files.map(({ sha256 }) => blobKey(sha256)));
  await waitForMarks(world, { reference, keys, patienceMs });
  const found = await Promise.all(files.map(async (file) => ({ file, isThere: await isStored(file, world.store) })));
  return found.flatMap(({ file, isThere }) => (isThere ? [] : [file]));
}

async function isStored({ size, sha256 }: UploadFile, store: ObjectStore): Promise<boolean> {
  return (await store.head(blobKey(sha256)))?.size === size;
}

/**
 * Checks that no part was lost, and queues the import. Repeating the call changes nothing. @throws DataError
 * UPLOAD_INCOMPLETE
 */
export async function completeUpload(id: string, sent: CompleteUpload, world: World): Promise<UploadRecord> {
  const upload = await readUpload(id, world.store);
  if (upload.state === 'UPLOADING') await markImport(id, world);
  const record = upload.state === 'UPLOADING' ? await beginImport(id, sent, world) : upload;
  if (record.state === 'IMPORTING') await queueImport(id, world);
  return record;
}

/** Checks that no part was lost, and starts the import. @throws DataError UPLOAD_INCOMPLETE */
export async function beginImport(
  id: string,
  { parts: sentParts, files: sentFiles, ...unsent }: CompleteUpload,
  world: Records,
): Promise<UploadRecord> {
  let parts = 0;
  let files = 0;
  for await (const part of readParts(id, world.store)) {
    parts++;
    files += part.length;
  }
  const sent = { parts: sentParts, files: sentFiles };
  if (parts !== sent.parts || files !== sent.files) throw incomplete(id, sent, { parts, files });
  await writeUnsent(id, unsent, world.store);
  const { after } = await changeUpload(id, world, (upload) =>
    upload.state === 'UPLOADING' ? { ...upload, state: 'IMPORTING', ...sent } : undefined,
  );
  return after;
}

export function incomplete(at: string, expected: Counts, received: Counts): DataError {
  const describeCounts = ({ files, parts }: Counts) => `${files} files in ${parts} parts`;
  const fix = 'send the missing parts, then complete again';
  return new DataError('UPLOAD_INCOMPLETE', { at, expected: describeCounts(expected), received: describeCounts(received), fix });
}

interface Counts {
  readonly parts: number;
  readonly files: number;
}
