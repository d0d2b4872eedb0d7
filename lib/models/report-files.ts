/** The report of a version, as files of its package. */
import { ModelReport } from '../contracts/model-report.ts';
import type { ModelVersion } from '../contracts/model-version.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';

/**
 * Names of the files below a package's prefix. `scores` is what a report can be made from again: the card has its
 * SHA-256, but not those of the report, which is written after publication.
 */
export const reportFiles = { json: 'report.json', page: 'report.html', scores: 'scores.safetensors' } as const;

/**
 * Reads the report of a version.
 * @throws NotFoundError MODEL_REPORT_MISSING; RuntimeError DOCUMENT_UNREADABLE
 */
export async function readModelReport(version: Pick<ModelVersion, 'package'>, store: ObjectStore): Promise<ModelReport> {
  const key = `${version.package}${reportFiles.json}`;
  return decodeDocument(ModelReport, key, await read(key, store)).value;
}

/**
 * Reads the page of a version's report.
 * @throws NotFoundError MODEL_REPORT_MISSING
 */
export async function readReportPage(version: Pick<ModelVersion, 'package'>, store: ObjectStore): Promise<string> {
  return new TextDecoder().decode(await read(`${version.package}${reportFiles.page}`, store));
}

/** Writes the report of a version. Writes the page last. */
export async function writeModelReport(
  { package: prefix }: Pick<ModelVersion, 'package'>,
  report: ModelReport,
  page: string,
  store: ObjectStore,
): Promise<void> {
  const encode = (text: string) => new TextEncoder().encode(text);
  await store.put(`${prefix}${reportFiles.json}`, encode(`${JSON.stringify(report)}\n`));
  await store.put(`${prefix}${reportFiles.page}`, encode(page));
}

async function read(key: string, store: ObjectStore): Promise<Uint8Array> {
  const object = await store.get(key);
  if (object !== undefined) return object.body;
  throw new NotFoundError('MODEL_REPORT_MISSING', {
    at: key,
    expected: 'a report, which a training job makes after it has published its version',
    received: 'nothing',
    fix: 'make it on the machine that has the store (graft model REF --html FILE), or train the model again',
  });
}
