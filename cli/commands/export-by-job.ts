import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import type { ExportFormat } from '../../lib/contracts/model-export.ts';
import type { Precision } from '../../lib/contracts/precision.ts';
import { RuntimeError } from '../../lib/errors.ts';
import type { ExportedFile, ExportedModel } from '../../lib/model-exports/exported-model.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';
import { awaitResult, type WithoutResult } from './await-result.ts';

/** What `graft export` writes and reports. */
export interface MadeExport extends Pick<ExportedModel, 'name' | 'version' | 'precision'> {
  readonly files: readonly ExportedFile[];
}

export interface ExportOptions {
  readonly to: ExportFormat;
  readonly precision: Precision;
  /** A share: 0.01 is one point. */
  readonly maxLoss: number;
}

/**
 * Exports a model where the store is: submits a job, follows it, and downloads its archive.
 * @throws as awaitResult; RuntimeError JOB_WITHOUT_RESULT, EXPORT_ARCHIVE_DAMAGED
 */
export async function exportByJob(
  ref: string,
  { to: format, precision, maxLoss }: ExportOptions,
  context: Context,
  output: Output,
): Promise<MadeExport | WithoutResult> {
  const { client } = context;
  const job = await client.models.export(ref, { format, precision, maxLoss });
  const ended = await awaitResult(job, context, output);
  if ('status' in ended) return ended;
  const { result } = ended;
  const { files } = await client.jobs.files(job.id);
  const archive = files.find(({ name }) => name === result.archive);
  if (archive === undefined)
    throw new RuntimeError('JOB_WITHOUT_RESULT', {
      at: job.id,
      expected: 'the archive of an export',
      received: `no file ${result.archive}`,
      fix: 'run the command again',
    });
  output.progress(`downloading: ${archive.name}`);
  const unpacked = await unpack(await client.fetchFile(archive), archive.name);
  if (
    unpacked.map(({ name, content }) => `${name} ${content.length}`).join() !==
    result.files.map(({ name, size }) => `${name} ${size}`).join()
  )
    throw damaged(archive.name, 'other files');
  return {
    name: result.model,
    version: result.version,
    files: unpacked,
    ...(result.precision && { precision: result.precision }),
  };
}

async function unpack(bytes: Uint8Array, at: string): Promise<(ExportedFile & { readonly content: Uint8Array })[]> {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false, checkSignature: true });
  const files: (ExportedFile & { readonly content: Uint8Array })[] = [];
  try {
    for (const entry of await zip.getEntries()) {
      // An export has no folders: no other name may lead out of the user's folder.
      if (entry.directory || !/^[A-Za-z0-9][\w.-]*$/.test(entry.filename)) throw damaged(at, entry.filename);
      files.push({ name: entry.filename, content: await entry.getData(new Uint8ArrayWriter()) });
    }
  } catch (cause) {
    if (cause instanceof RuntimeError) throw cause;
    throw damaged(at, messageOf(cause), cause);
  } finally {
    await zip.close();
  }
  return files;
}

function damaged(at: string, received: string, cause?: unknown): RuntimeError {
  return new RuntimeError('EXPORT_ARCHIVE_DAMAGED', {
    at,
    expected: 'a zip archive with the files that the job lists',
    received,
    fix: 'run the command again',
    cause,
  });
}
