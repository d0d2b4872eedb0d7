import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { DatasetReport, UploadRecord } from '../../lib/contracts/dataset.ts';
import { listFolder } from '../../lib/datasets/list-folder.ts';
import { DataError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';
import { percent, table } from '../output.ts';

export interface UploadOptions {
  readonly name?: string | undefined;
  readonly maxRefused?: number | undefined;
}

const FILES_A_PART = 1000;
const SENT_AT_ONCE = 8;

/** Sends a folder of class folders and waits for its import. @throws DataError with what the import says when it fails */
export async function uploadFolder(
  path: string,
  options: UploadOptions,
  context: Context,
  output: Output,
): Promise<DatasetReport> {
  const { client } = context;
  output.progress(`reading ${path}`);
  const { files, refused } = await listFolder(path);
  const upload = await client.datasets.createUpload({ name: options.name ?? nameFromPath(path), maxRefused: options.maxRefused });
  const absolute = new Map(files.map((file) => [file.path, file.absolutePath]));
  let parts = 0;
  for (let start = 0; start < files.length; start += FILES_A_PART) {
    const part = files.slice(start, start + FILES_A_PART).map(({ path: name, size, sha256 }) => ({ path: name, size, sha256 }));
    const { uploads } = await client.datasets.addFiles(upload.id, part);
    parts++;
    await inParallel(uploads, SENT_AT_ONCE, async (file) =>
      client.datasets.sendFile(file, await readFile(absolute.get(file.path) ?? file.path)),
    );
    output.progress(`sending: ${Math.min(start + FILES_A_PART, files.length)} of ${files.length} files`);
  }
  await client.datasets.complete(upload.id, { parts, files: files.length });
  context.wakeWorker();
  const report = await waitForImport(upload.id, context, output);
  return { ...report, refused: [...refused, ...report.refused] };
}

async function waitForImport(id: string, { client }: Context, output: Output): Promise<DatasetReport> {
  for (;;) {
    const upload = await client.datasets.getUpload(id);
    if (upload.state === 'READY' && upload.report !== undefined) return upload.report;
    if (upload.state === 'FAILED') throw importError(upload);
    output.progress(
      upload.progress === undefined
        ? 'waiting for the import'
        : `checking: ${upload.progress.done} of ${upload.progress.total} images`,
    );
    await wait(100);
  }
}

const ImportError = z.object({
  code: z.string(),
  at: z.string().optional(),
  expected: z.string().optional(),
  received: z.unknown().optional(),
  fix: z.string().optional(),
});

function importError({ error }: UploadRecord): DataError {
  const { code, at, expected, received, fix } = ImportError.parse(error);
  return new DataError(code, {
    ...(at !== undefined && { at }),
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(fix !== undefined && { fix }),
  });
}

/** What people see of an import. */
export function describeReport(report: DatasetReport): string {
  const classes = table(report.classes.map(({ label, images }) => [`  ${label}`, `${images} images`]));
  const refused = report.refused.filter(({ code }) => code !== 'OS_JUNK');
  const lines = [
    `${report.dataset}@${report.digest.slice(0, 'sha256-'.length + 12)}: ${report.accepted} images in ${report.classes.length} classes`,
    classes,
    ...(refused.length > 0
      ? [`refused ${refused.length} (${percent(refused.length / (report.accepted + refused.length))}):`]
      : []),
    ...refused.slice(0, 10).map(({ path, message }) => `  ${path}: ${message}`),
    ...(refused.length > 10 ? [`  and ${refused.length - 10} more; all are in --json`] : []),
    ...report.duplicates.slice(0, 5).map(({ paths, kind }) => `duplicates (${kind}): ${paths.join(', ')}`),
    ...report.warnings.map(({ message }) => `warning: ${message}`),
  ];
  return lines.join('\n');
}

/** A folder's name as a data set's: what is not allowed in one becomes a hyphen. */
export function nameFromPath(path: string): string {
  const name = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64);
  return name === '' ? 'dataset' : name;
}

async function inParallel<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await act(item);
    }),
  );
}
