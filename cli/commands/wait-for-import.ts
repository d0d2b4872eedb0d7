import { setTimeout as wait } from 'node:timers/promises';
import { type DatasetReport, isCut, type UploadRecord } from '../../lib/contracts/dataset.ts';
import { ErrorMembers, errorDetail } from '../../lib/contracts/error-members.ts';
import { DataError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { keepWorker } from '../keep-worker.ts';
import type { Output } from '../output.ts';

/** Waits until an upload is imported. @throws DataError of a failed import */
export async function waitForImport(id: string, context: Context, output: Output): Promise<DatasetReport> {
  const { client } = context;
  const lookAfterWorker = keepWorker(context);
  let told = false;
  let checked = 0;
  let isJoining = false;
  for (;;) {
    const upload = await client.datasets.getUpload(id);
    if (upload.spread !== undefined && !told) output.note(`Functions share the import; ${upload.spread.reason}.`);
    told ||= upload.spread !== undefined;
    if (upload.state === 'READY' && upload.report !== undefined) return wholeReport(upload.report, client);
    if (upload.state === 'FAILED') throw await importError(upload, client);
    // Functions count the images that they check, and then the import counts them again.
    isJoining ||= upload.spread !== undefined && (upload.progress?.done ?? checked) < checked;
    checked = Math.max(checked, upload.progress?.done ?? 0);
    output.progress(isJoining ? describeJoin(upload) : describeImport(upload));
    lookAfterWorker();
    await wait(100);
  }
}

function describeImport({ progress, spread }: UploadRecord): string {
  const by = spread === undefined ? '' : ` by ${spread.functions} functions`;
  return progress === undefined ? `waiting for the import${by}` : `checking${by}: ${progress.done} of ${progress.total} images`;
}

function describeJoin({ progress }: UploadRecord): string {
  return `collecting the checks of the functions${progress === undefined ? '' : `: ${progress.done} of ${progress.total} images`}`;
}

/** The complete report, because the response for an upload has only the first entries of long lists. */
async function wholeReport({ counts, ...report }: DatasetReport, { datasets }: Context['client']): Promise<DatasetReport> {
  return isCut({ ...report, counts }) ? datasets.report(`${report.dataset}@${report.digest}`) : report;
}

async function importError({ id, error }: UploadRecord, { datasets }: Context['client']): Promise<DataError> {
  const { code, ...members } = ErrorMembers.parse(error);
  const whole = members.omitted === undefined ? undefined : await datasets.refused(id).catch(() => undefined);
  return new DataError(code, errorDetail(whole === undefined ? members : { ...members, received: whole, omitted: undefined }));
}
