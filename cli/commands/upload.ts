import { openGrants } from '../../lib/client/open-grants.ts';
import { forEachConcurrently } from '../../lib/concurrency.ts';
import { type DatasetReport, type RefusedFile, SplitPart } from '../../lib/contracts/dataset.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import { unsentFiles } from '../../lib/contracts/unsent-files.ts';
import { checkTrainable } from '../../lib/datasets/checks/check-trainable.ts';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../lib/datasets/sources/list-source.ts';
import { readListed } from '../../lib/datasets/sources/read-listed.ts';
import { requireSent } from '../../lib/datasets/sources/require-sent.ts';
import { isSource, nameFromPath } from '../../lib/datasets/sources/source-name.ts';
import { sourceParts } from '../../lib/datasets/sources/source-parts.ts';
import { withUnsent } from '../../lib/datasets/sources/with-unsent.ts';
import { count, counted, few, percent } from '../../lib/format.ts';
import { openUnpackFolder } from '../../lib/local/unpack-folder.ts';
import type { Context } from '../context.ts';
import { removeOnInterrupt } from '../files/remove-on-interrupt.ts';
import { EXIT, type Output, table } from '../output.ts';
import { type WaitOptions, waitForImport } from './wait-for-import.ts';

export interface UploadOptions extends WaitOptions {
  readonly name?: string | undefined;
  readonly maxRefused?: number | undefined;
}

const SENT_AT_ONCE = 8;

/** graft upload PATH. Ctrl-C after the files are sent leaves the import running. @throws as uploadSource */
export async function upload(path: string, options: UploadOptions, context: Context, output: Output): Promise<number> {
  const report = await uploadSource(path, { ...options, detachable: true }, context, output);
  // A folder of this name would be imported again, with the default share of refused files.
  const dataset = (await isSource(report.dataset)) ? `${report.dataset}:latest` : report.dataset;
  const next = isTrainable(report) ? `\nTrain a model on it:\n  graft train --dataset ${dataset} --wait` : '';
  output.result(report, `${describeReport(report)}${next}`);
  return EXIT.done;
}

/**
 * Sends a folder, archive or manifest with its images, and waits for the import.
 * @throws as waitForImport and requireSent
 */
export async function uploadSource(
  path: string,
  options: UploadOptions,
  context: Context,
  output: Output,
): Promise<DatasetReport> {
  const { client } = context;
  if (isS3Address(path)) return importExternal(path, options, context, output);
  output.progress(`reading ${path}`);
  const source = await listSource(path, openUnpackFolder);
  const { unpackFolder } = source;
  // Without `detachable`, signals are the caller's.
  const restoreInterrupt = options.detachable && unpackFolder !== undefined ? removeOnInterrupt(unpackFolder) : undefined;
  async function close(): Promise<void> {
    await source.close();
    restoreInterrupt?.();
  }
  let release: (() => void) | undefined;
  try {
    const upload = await client.datasets.createUpload({
      name: options.name ?? nameFromPath(path),
      maxRefused: options.maxRefused,
    });
    // The request was valid, so there will be an import.
    release = context.prepareWorker?.();
    const unsent: RefusedFile[] = [];
    const sent = { parts: 0, files: 0 };
    for await (const part of sourceParts(source, unsent)) {
      await sendPart(upload.id, part, context);
      sent.parts++;
      sent.files += part.length;
      output.progress(`sending: ${counted(sent.files, 'file')}`);
    }
    requireSent(sent.files, unsent);
    await client.datasets.complete(upload.id, { ...sent, ...unsentFiles(unsent) });
    context.wakeWorker();
    release?.();
    // All files are sent, and from here on Ctrl-C ends only the wait.
    await close();
    const report = await waitForImport(upload.id, context, output, options);
    return withUnsent(report, unsent);
  } finally {
    release?.();
    await close();
  }
}

/** Imports external images, which are not read here. */
async function importExternal(source: string, options: UploadOptions, context: Context, output: Output): Promise<DatasetReport> {
  const { name = nameFromPath(source), maxRefused } = options;
  const { id } = await context.client.datasets.createUpload({ name, maxRefused, source });
  context.wakeWorker();
  return waitForImport(id, context, output, options);
}

async function sendPart(id: string, part: readonly SourceFile[], { client: { datasets } }: Context): Promise<void> {
  const files = part.map(({ path, size, sha256 }) => ({ path, size, sha256 }));
  const grants = await openGrants(files, (entries) => datasets.addFiles(id, entries));
  const missing = part.filter(({ path }) => grants.of(path) !== undefined);
  await forEachConcurrently(missing, SENT_AT_ONCE, async (file) => {
    // The import refuses a file that has changed, or is gone: it is missing.
    const content = await readListed(file).catch(() => undefined);
    if (content !== undefined) await grants.use(file.path, (grant) => datasets.sendFile(grant, content));
  });
}

/** The report of an import as text. */
export function describeReport(report: DatasetReport): string {
  const classes = table(report.classes.map(({ label, images }) => [`  ${label}`, counted(images, 'image')]));
  const refused = report.refused.filter(({ code }) => code !== 'OS_JUNK');
  const lines = [
    `${report.dataset}@${report.digest.slice(0, 'sha256-'.length + 12)}: ${counted(report.accepted, 'image')} in ` +
      counted(report.classes.length, 'class', 'classes'),
    classes,
    ...(refused.length > 0
      ? [`refused ${count(refused.length)} (${percent(refused.length / (report.accepted + refused.length))}):`]
      : []),
    ...refused.slice(0, 10).map(({ path, message }) => `  ${path}: ${message}`),
    ...(refused.length > 10 ? [`  and ${count(refused.length - 10)} more; all are in --json`] : []),
    sizes(report),
    ...givenSplit(report),
    ...report.duplicates.slice(0, 5).map(({ paths, kind }) => `duplicates (${kind}): ${few(paths)}`),
    ...(report.duplicates.length > 5
      ? [`  and ${count(report.duplicates.length - 5)} more sets of duplicates; all are in --json`]
      : []),
    ...report.warnings.map(({ message }) => `warning: ${message}`),
    ...suspects(report),
  ];
  return lines.join('\n');
}

function suspects({ suspects: report }: DatasetReport): string[] {
  if (report === undefined) return [];
  const named = report.suspects.slice(0, 10).map(({ path, label, suggested }) => `  ${path}: ${label}, or ${suggested}?`);
  return [
    `labels that may be wrong: ${count(report.found)} of ${counted(report.checked, 'image')}`,
    ...named,
    ...(report.found > named.length ? [`  and ${count(report.found - named.length)} more; see --html`] : []),
  ];
}

function sizes({ sizes: { width, height } }: DatasetReport): string {
  return (
    `sizes: ${width.smallest} to ${width.largest} pixels wide (median ${width.median}), ${height.smallest} to ` +
    `${height.largest} high (median ${height.median})`
  );
}

/** Whether a training would accept the data set; the warnings say why not. */
function isTrainable(report: DatasetReport): boolean {
  try {
    checkTrainable(report);
    return true;
  } catch {
    return false;
  }
}

function givenSplit({ split }: DatasetReport): string[] {
  if (split === undefined) return [];
  return [`split as given: ${SplitPart.options.map((part) => `${count(split[part] ?? 0)} ${part}`).join(', ')}`];
}
