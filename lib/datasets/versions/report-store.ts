/** The report of each version of a data set, and the suspect labels that trainings find later. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DatasetReport, LabelOrigin, SuspectReport } from '../../contracts/dataset.ts';
import { RuntimeError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument, readDocument } from '../../store/documents.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { type Dataset, findVersion } from './dataset-store.ts';

const reportDocument = { schema: DatasetReport, key: (version: string) => `${storeKeys.reports.prefix}${version}.json` };
const suspectsDocument = {
  schema: SuspectReport,
  key: (version: string) => `${storeKeys.reports.prefix}${version}.suspects.json`,
};
/** The origin of an image's labels, also of an image whose labels were removed. */
const StoredOrigin = LabelOrigin.extend({
  /** Of labels that were confirmed after they were set: the origin that they have without it, null for the import. */
  before: LabelOrigin.nullable().optional(),
  /** The labels in the last import that named any, null if none did. Earlier releases of Graft did not store them. */
  imported: z.array(z.string()).nullable().optional(),
});
export type StoredOrigin = z.infer<typeof StoredOrigin>;
/** By path: the labels that were set, removed or confirmed after the import. */
const LabelOrigins = z.strictObject({ origins: z.record(z.string(), StoredOrigin) });
const originsDocument = {
  schema: LabelOrigins,
  key: (version: string) => `${storeKeys.reports.prefix}${version}.labels.json`,
};

/**
 * The report of a version's import, with the suspect labels that trainings found. @throws NotFoundError as
 * `openDataset`
 */
export async function readReport(ref: string, store: ObjectStore): Promise<DatasetReport> {
  const version = await findVersion(ref, store);
  const report = await readDocument(store, reportDocument, `${version.name}/${version.digest}`);
  const suspects = await readSuspects(version, store);
  if (report !== undefined) return { ...report, ...(suspects !== undefined && { suspects }) };
  throw new RuntimeError('REPORT_MISSING', {
    at: ref,
    expected: 'a report',
    received: 'nothing',
    fix: 'import the data set again',
  });
}

export async function writeReport(report: DatasetReport, store: ObjectStore): Promise<void> {
  await changeDocument(store, reportDocument, `${report.dataset}/${report.digest}`, () => report);
}

export function readSuspects({ name, digest }: Pick<Dataset, 'name' | 'digest'>, store: ObjectStore) {
  return readDocument(store, suspectsDocument, `${name}/${digest}`);
}

export async function writeSuspects(
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
  suspects: SuspectReport,
  store: ObjectStore,
): Promise<void> {
  await changeDocument(store, suspectsDocument, `${name}/${digest}`, () => suspects);
}

/** How and when the images of a version got their labels, by path. Labels of the import are left out. */
export async function readOrigins(
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
  store: ObjectStore,
): Promise<ReadonlyMap<string, StoredOrigin>> {
  const found = await readDocument(store, originsDocument, `${name}/${digest}`);
  return new Map(Object.entries(found?.origins ?? {}));
}

/** Replaces the origins of a version. Writes nothing if they are the stored ones. */
export async function writeOrigins(
  { name, digest }: Pick<Dataset, 'name' | 'digest'>,
  origins: ReadonlyMap<string, StoredOrigin>,
  store: ObjectStore,
): Promise<void> {
  const next = Object.fromEntries(origins);
  await changeDocument(store, originsDocument, `${name}/${digest}`, (known) =>
    isDeepStrictEqual(known?.origins ?? {}, next) ? undefined : { origins: next },
  );
}

/**
 * The keys of a version's report and of its suspect labels, by the names that callers use. @throws NotFoundError as
 * `openDataset`
 */
export async function reportKeys(ref: string, store: ObjectStore): Promise<[name: string, key: string][]> {
  const { name, digest } = await findVersion(ref, store);
  return [
    ['report.json', reportDocument.key(`${name}/${digest}`)],
    ['suspects.json', suspectsDocument.key(`${name}/${digest}`)],
  ];
}
