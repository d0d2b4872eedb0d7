import { z } from 'zod';
import { type DatasetReport, RefusedFile, type UploadFile, type UploadRecord } from '../contracts/dataset.ts';
import { asGraftError, errorJson } from '../errors.ts';
import type { World } from '../ports.ts';
import type { FoundChecks } from './checks/check-content.ts';
import { locateObjects } from './external/locate-objects.ts';
import { importUpload } from './import-upload.ts';
import { cutReport } from './report/cut-report.ts';
import { type SpreadOptions, spreadChecks } from './spread/spread-checks.ts';
import { incomplete } from './uploads/upload.ts';
import { readParts, readUnsent } from './uploads/upload-parts.ts';
import { changeUpload, ended, failUpload, mayRetry, readUpload, refusedKey } from './uploads/upload-record.ts';

export interface RunImportOptions {
  /** Aborted if the process must end: finished checks are stored, and the upload stays IMPORTING. */
  readonly signal?: AbortSignal;
  /** Of the message that was delivered. */
  readonly messageId?: string | undefined;
  /** Whether this is the last delivery of the message: then a failure also fails the upload. */
  readonly isLastTry?: boolean;
  /** How functions may share the import. Absent if there are none. */
  readonly spread?: SpreadOptions | undefined;
}

/**
 * Imports a completed upload. A duplicate message finds it done. A failure that is not retryable ends the upload as
 * FAILED; any other failure is thrown, so that the message is delivered again. A message that is redriven after all its
 * attempts starts the import again.
 * @returns the upload: still IMPORTING if the process must end, or while functions check its images
 */
export async function runImport(
  id: string,
  world: World,
  { signal, messageId, isLastTry = false, spread }: RunImportOptions = {},
): Promise<UploadRecord> {
  const { after: upload } = await changeUpload(id, world, (current) => begun(current, messageId));
  if (upload.state !== 'IMPORTING') return upload;
  try {
    const files = () => readFiles(upload, world);
    const found = spread && upload.source === undefined ? await spreadChecks(upload, files, world, spread, signal) : undefined;
    if (found === 'waiting') return upload;
    await importOpenUpload(upload, world, { signal, allowsExternal: true, found });
    return await readUpload(id, world.store);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) {
      world.log('import.interrupted', { upload: id });
      return readUpload(id, world.store);
    }
    const known = asGraftError(error);
    // Another attempt ended the upload, and a third may have restarted it since; this attempt must not end it again.
    if (known.code === 'UPLOAD_ENDED') return readUpload(id, world.store);
    if (!known.retryable || isLastTry) {
      await keepRefused(id, known.received, world);
      await failUpload(id, known, world);
    }
    if (known.retryable) throw known;
    return readUpload(id, world.store);
  }
}

/** The record of an upload has the first refused files; this object has all of them. */
async function keepRefused(id: string, received: unknown, { store }: World): Promise<void> {
  const files = z.array(RefusedFile).min(1).safeParse(received);
  if (files.success) await store.put(refusedKey(id), new TextEncoder().encode(`${JSON.stringify(files.data)}\n`));
}

export interface ImportOpenUploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a manifest may name images that stay in S3. */
  readonly allowsExternal: boolean;
  /** Checks that functions have made of the files. */
  readonly found?: FoundChecks | undefined;
}

/**
 * Imports an upload that is IMPORTING, and ends it as READY.
 * @throws as `locateObjects` and `importUpload`; the upload stays IMPORTING then
 */
export async function importOpenUpload(
  upload: UploadRecord,
  world: Pick<World, 'store' | 'clock' | 'log' | 'buckets' | 'inputCache'>,
  { signal, allowsExternal, found }: ImportOpenUploadOptions,
): Promise<DatasetReport> {
  const { id, name, maxRefused } = upload;
  const files = () => readFiles(upload, world);
  const onProgress = reportProgress(id, world);
  const located = allowsExternal ? await locateObjects(upload, files, world, { signal, onProgress }) : undefined;
  const unsent = await readUnsent(id, world.store);
  const imported = { id, name, maxRefused, files: files(), unsent, located };
  const { report } = await importUpload(imported, world, { signal, found, onProgress });
  await changeUpload(id, world, (current) =>
    current.state === 'IMPORTING' ? ended({ ...current, state: 'READY', report: cutReport(report) }) : undefined,
  );
  return report;
}

/** Writes progress into the record at most twice a second; each write shows that the upload is active. */
function reportProgress(id: string, world: Pick<World, 'store' | 'clock' | 'log'>) {
  let reported = 0;
  return (done: number, total: number): void => {
    if (world.clock.now().getTime() - reported < 500) return;
    reported = world.clock.now().getTime();
    changeUpload(id, world, (current) =>
      current.state === 'IMPORTING' ? { ...current, progress: { done, total } } : undefined,
    ).catch((error) => world.log('progress.failed', { upload: id, error: errorJson(error) }));
  };
}

/** Each delivery changes the record, which shows that the message is not lost. */
function begun(upload: UploadRecord, messageId: string | undefined): UploadRecord | undefined {
  if (upload.state !== 'IMPORTING' && !mayRetry(upload)) return undefined;
  const { error: _, messageId: __, ...rest } = upload;
  return { ...rest, state: 'IMPORTING', ...(messageId !== undefined && { messageId }) };
}

/** @throws DataError UPLOAD_INCOMPLETE if parts are missing; an upload that has ended loses its parts */
async function* readFiles({ id, ...sent }: UploadRecord, { store }: Pick<World, 'store'>): AsyncGenerator<UploadFile> {
  const found = { parts: 0, files: 0 };
  for await (const part of readParts(id, store)) {
    found.parts++;
    found.files += part.length;
    yield* part;
  }
  if (found.parts < sent.parts || found.files < sent.files) throw incomplete(id, sent, found);
}
