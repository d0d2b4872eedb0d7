import { setTimeout as wait } from 'node:timers/promises';
import { type DatasetReport, isCut, type UploadRecord } from '../../lib/contracts/dataset.ts';
import { ErrorMembers, errorDetail } from '../../lib/contracts/errors/error-members.ts';
import { DataError } from '../../lib/errors.ts';
import { count, counted } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { ImportDetached } from '../import-detached.ts';
import { keepWorker } from '../keep-worker.ts';
import { onInterrupt } from '../on-interrupt.ts';
import type { Output } from '../output.ts';

const MS_BETWEEN_QUESTIONS = 100;

export interface WaitOptions {
  /** Whether Ctrl-C ends the wait, and not the process. */
  readonly detachable?: boolean | undefined;
}

/** Waits until an upload is imported. @throws DataError of a failed import; ImportDetached after Ctrl-C */
export async function waitForImport(
  id: string,
  context: Context,
  output: Output,
  { detachable = false }: WaitOptions = {},
): Promise<DatasetReport> {
  const detach = new AbortController();
  const restoreInterrupt = detachable ? onInterrupt(() => detach.abort(new ImportDetached(id))) : undefined;
  const upload = await waitForEnd(id, context, output, detach.signal).finally(() => {
    // From here on Ctrl-C ends the command.
    restoreInterrupt?.();
    if (detach.signal.aborted) output.endProgress();
  });
  if (upload.state === 'READY' && upload.report !== undefined) return wholeReport(upload.report, context.client);
  throw await importError(upload, context.client);
}

/** Shows the progress of an import until it has ended. @throws the reason of the signal */
async function waitForEnd(id: string, context: Context, output: Output, signal: AbortSignal): Promise<UploadRecord> {
  const lookAfterWorker = keepWorker(context);
  let told = false;
  let checked = 0;
  let isJoining = false;
  for (;;) {
    const upload = await context.client.datasets.getUpload(id, { signal });
    signal.throwIfAborted();
    if (upload.spread !== undefined && !told) output.note(`Functions share the import; ${upload.spread.reason}.`);
    told ||= upload.spread !== undefined;
    if ((upload.state === 'READY' && upload.report !== undefined) || upload.state === 'FAILED') return upload;
    // Functions count the images that they check, and then the import counts them again.
    isJoining ||= upload.spread !== undefined && (upload.progress?.done ?? checked) < checked;
    checked = Math.max(checked, upload.progress?.done ?? 0);
    output.progress(isJoining ? describeJoin(upload) : describeImport(upload));
    lookAfterWorker();
    await wait(MS_BETWEEN_QUESTIONS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function describeImport({ progress, spread }: UploadRecord): string {
  const by = spread === undefined ? '' : ` by ${spread.functions} functions`;
  return progress === undefined ? `waiting for the import${by}` : `checking${by}: ${imagesOf(progress)}`;
}

function describeJoin({ progress }: UploadRecord): string {
  return `collecting the checks of the functions${progress === undefined ? '' : `: ${imagesOf(progress)}`}`;
}

function imagesOf({ done, total }: NonNullable<UploadRecord['progress']>): string {
  return `${count(done)} of ${counted(total, 'image')}`;
}

/** The complete report, because the response for an upload has only the first entries of long lists. */
async function wholeReport({ counts, ...report }: DatasetReport, { datasets }: Context['client']): Promise<DatasetReport> {
  return isCut({ ...report, counts }) ? datasets.report(`${report.dataset}@${report.digest}`) : report;
}

async function importError({ id, error }: UploadRecord, { datasets }: Context['client']): Promise<DataError> {
  const { code, ...members } = ErrorMembers.parse(error);
  const { received, omitted } = members;
  const whole = omitted === undefined ? undefined : await datasets.refused(id).catch(() => undefined);
  if (whole === undefined) return new DataError(code, errorDetail(members));
  // The import has only counted some of those that were not sent.
  const counted = (omitted ?? 0) + (Array.isArray(received) ? received.length : 0) - whole.length;
  return new DataError(code, errorDetail({ ...members, received: whole, omitted: counted > 0 ? counted : undefined }));
}
