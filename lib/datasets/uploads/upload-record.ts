/**
 * The record of an upload. The collector keeps what an open upload's parts name: while files are sent, while it is
 * imported, and while a failed import may be retried.
 */
import { UploadRecord } from '../../contracts/dataset.ts';
import { ConflictError, errorJson, type GraftError, NotFoundError } from '../../errors.ts';
import type { ObjectStore, World } from '../../ports.ts';
import { changeDocument, createDocument, type DocumentChange, readDocument } from '../../store/documents.ts';
import { newId } from '../../store/new-id.ts';
import { storeKeys } from '../../store/store-keys.ts';

const uploadDocument = { schema: UploadRecord, key: (id: string) => `${storeKeys.uploads.prefix}${id}.json` };

/** Changing the record of an upload needs no queue. */
export type Records = Pick<World, 'store' | 'clock'>;

/**
 * Writes the record of an upload.
 * @param id of the upload; an existing record with this id does not change. Default: a new id
 */
export async function openUpload(
  given: Pick<UploadRecord, 'name' | 'maxRefused' | 'source' | 'state'>,
  { store, clock }: Records,
  id = newId('upload', clock.now()),
): Promise<UploadRecord> {
  const now = clock.now();
  const record: UploadRecord = {
    id,
    ...given,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    parts: 0,
    files: 0,
  };
  const isNew = await createDocument(store, uploadDocument, id, record);
  return isNew ? record : readUpload(id, store);
}

/**
 * Fails an upload that is being imported.
 * @param onlyIf whether it fails by its present record; default: whatever that says
 * @returns whether it failed now
 */
export async function failUpload(
  id: string,
  error: GraftError,
  world: Records & Pick<World, 'log'>,
  onlyIf: (current: UploadRecord) => boolean = () => true,
): Promise<boolean> {
  const { retryable } = error;
  const { isChanged } = await changeUpload(id, world, (current) =>
    current.state === 'IMPORTING' && onlyIf(current)
      ? ended({ ...current, state: 'FAILED', error: { ...errorJson(error), retryable } })
      : undefined,
  );
  if (isChanged) world.log('import.failed', { upload: id, error: errorJson(error), stack: error.stack });
  return isChanged;
}

/** Ends an upload so that no message continues it. */
export async function endUpload(id: string, error: unknown, world: Records): Promise<void> {
  await changeUpload(id, world, (current) =>
    isOpen(current) ? ended({ ...current, state: 'FAILED', error: { ...errorJson(error), retryable: false } }) : undefined,
  );
}

/** @throws NotFoundError UPLOAD_NOT_FOUND */
export async function readUpload(id: string, store: ObjectStore): Promise<UploadRecord> {
  return (await findUpload(id, store)) ?? missing(id);
}

export function findUpload(id: string, store: ObjectStore): Promise<UploadRecord | undefined> {
  return readDocument(store, uploadDocument, id);
}

export function uploadKey(id: string): string {
  return uploadDocument.key(id);
}

/** The upload of a record's key; undefined for any other key. */
export function uploadOfRecord(key: string): string | undefined {
  const id = key.slice(storeKeys.uploads.prefix.length, -'.json'.length);
  return key === uploadKey(id) ? id : undefined;
}

/**
 * Changes an upload by compare-and-swap.
 * @param change a pure function; returns undefined to leave the record unchanged
 * @throws NotFoundError UPLOAD_NOT_FOUND
 */
export async function changeUpload(
  id: string,
  { store, clock }: Records,
  change: (upload: UploadRecord) => UploadRecord | undefined,
): Promise<DocumentChange<UploadRecord>> {
  const { before, after, isChanged } = await changeDocument(store, uploadDocument, id, (current) => {
    const next = change(current ?? missing(id));
    return next && { ...next, updatedAt: clock.now().toISOString() };
  });
  return { before: before ?? missing(id), after: after ?? missing(id), isChanged };
}

/** One update per hour would be enough to show that an upload is active. */
const TOUCHED_FOR_MS = 60_000;

/** Records activity of an upload. @throws ConflictError UPLOAD_COMPLETED if it no longer accepts files */
export async function touchUpload(id: string, world: Records): Promise<void> {
  const before = world.clock.now().getTime() - TOUCHED_FOR_MS;
  await changeUpload(id, world, (upload) => {
    requireUploading(upload);
    return Date.parse(upload.updatedAt) < before ? upload : undefined;
  });
}

/** @throws ConflictError UPLOAD_COMPLETED */
export function requireUploading({ id, state, error }: UploadRecord): void {
  if (state === 'UPLOADING') return;
  throw new ConflictError('UPLOAD_COMPLETED', {
    at: id,
    expected: 'UPLOADING',
    received: error === undefined ? state : `${state}: ${error.code}`,
    fix: 'start another upload',
  });
}

/** Whether a failed import may be retried. */
export function mayRetry({ state, error }: UploadRecord): boolean {
  return state === 'FAILED' && error?.retryable === true;
}

/** Whether an upload may still become a version; until then its files are kept. */
export function isOpen(upload: UploadRecord): boolean {
  return upload.state === 'UPLOADING' || upload.state === 'IMPORTING' || mayRetry(upload);
}

/** The key of the complete list of files that made an upload fail. */
export function refusedKey(id: string): string {
  return `${storeKeys.refused.prefix}${id}.json`;
}

/** Removes what the record of an upload has only while it is imported. */
export function ended({ progress: _, messageId: __, ...upload }: UploadRecord): UploadRecord {
  return upload;
}

function missing(id: string): never {
  throw new NotFoundError('UPLOAD_NOT_FOUND', {
    at: id,
    expected: 'the id of an upload',
    received: id,
    fix: 'start another upload',
  });
}
