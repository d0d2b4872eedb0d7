import type { UploadRecord } from '../contracts/dataset.ts';
import { changeUpload, ended, findUpload, isOpen } from '../datasets/uploads/upload-record.ts';
import { ConflictError, errorJson } from '../errors.ts';
import type { World } from '../ports.ts';

const HOUR_MS = 3_600_000;
/** Hours without activity after which an upload is abandoned. */
const UPLOADING_HOURS = 24;
/** Longer than a message waits in a queue (four days), so that an import that may still run is not ended. */
const IMPORTING_HOURS = 7 * 24;

/**
 * Reads the record of an upload. Ends an abandoned upload first, by compare-and-swap, so that it can never be
 * completed. Only then may its objects be removed.
 */
export async function endAbandonedUploads(
  id: string,
  { store, clock, log }: Pick<World, 'store' | 'clock' | 'log'>,
): Promise<UploadRecord | undefined> {
  const upload = await findUpload(id, store);
  const now = clock.now();
  if (upload === undefined || !isAbandoned(upload, now)) return upload;
  const { after, isChanged } = await changeUpload(id, { store, clock }, (current) =>
    isAbandoned(current, now)
      ? ended({ ...current, state: 'FAILED', error: { ...whyEnded(current), retryable: false } })
      : undefined,
  );
  if (isChanged) log('upload.abandoned', { upload: id, dataset: after.name, updatedAt: upload.updatedAt });
  return after;
}

function isAbandoned(upload: UploadRecord, now: Date): boolean {
  const hours = upload.state === 'UPLOADING' ? UPLOADING_HOURS : IMPORTING_HOURS;
  return isOpen(upload) && Date.parse(upload.updatedAt) + hours * HOUR_MS < now.getTime();
}

/** Returns the error of an upload that is ended. A failed import keeps its own. */
function whyEnded({ id, state, error, updatedAt }: UploadRecord) {
  if (error !== undefined) return error;
  const expected = `something new at least every ${state === 'UPLOADING' ? UPLOADING_HOURS : IMPORTING_HOURS} hours`;
  const fix = 'upload the data set again';
  return errorJson(new ConflictError('UPLOAD_ABANDONED', { at: id, expected, received: `nothing since ${updatedAt}`, fix }));
}
