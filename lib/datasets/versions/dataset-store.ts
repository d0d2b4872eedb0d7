/**
 * Data sets by name: their versions in one record, replaced by compare-and-swap, with a manifest for each version.
 */
import { type DatasetRecord, type DatasetReport, type DatasetVersion, StoredDataset } from '../../contracts/dataset.ts';
import { nearest } from '../../contracts/explain/nearest.ts';
import { parseReference, type Reference } from '../../contracts/reference.ts';
import { ConflictError, NotFoundError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { changeDocument, type DocumentPage, listDocuments, listedKind, listIds, readDocument } from '../../store/documents.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { countClasses, taskOfRows } from '../checks/summarize-rows.ts';
import { labelledRows, type Rows } from '../tables/rows.ts';
import { deletedAncestors, lastDescendant, lineageOf } from './lineage.ts';
import { readManifest } from './manifest.ts';

/** A version of a data set, ready to be split and read. */
export interface Dataset {
  readonly name: string;
  readonly digest: string;
  /** The labelled images, by path. */
  readonly rows: Rows;
  /** Number of images without a label, which `rows` leaves out. */
  readonly unlabelled: number;
  /** All labels, in order: a label's index is its class number. */
  readonly labels: readonly string[];
  readonly task: DatasetReport['task'];
  /** The class numbers of each row. */
  readonly targets: readonly (readonly number[])[];
}

/** The record of a data set, by its name. */
export const recordDocument = listedKind(storeKeys.datasets.prefix, StoredDataset);
/**
 * Opens the version of a reference: `name`, `name:latest`, or `name@sha256-...` with a complete or shortened digest.
 * @throws NotFoundError DATASET_NOT_FOUND, DATASET_VERSION_NOT_FOUND
 * @example
 * ```ts
 * const { rows, labels } = await openDataset('flowers:latest', store);
 * ```
 */
export async function openDataset(ref: string, store: ObjectStore): Promise<Dataset> {
  const { name, digest } = await findVersion(ref, store);
  const all = await readManifest(digest, store);
  const rows = labelledRows(all);
  const labels = countClasses(rows).map(({ label }) => label);
  return {
    name,
    digest,
    rows,
    unlabelled: all.length - rows.length,
    labels,
    task: taskOfRows(rows),
    targets: targetsOf(rows, labels),
  };
}

/** Rows with equal labels share one array, because there are few distinct ones. */
function targetsOf(rows: Rows, labels: readonly string[]): Dataset['targets'] {
  const numbers = new Map(labels.map((label, number) => [label, number]));
  const known = new Map<string, readonly number[]>();
  return rows.map((row) => {
    const classes = row.labels.flatMap((label) => numbers.get(label) ?? []);
    const key = classes.join();
    const shared = known.get(key) ?? classes;
    known.set(key, shared);
    return shared;
  });
}

/** A page of data sets, by name. */
export async function listDatasets(
  store: ObjectStore,
  page: DocumentPage,
): Promise<{ datasets: DatasetRecord[]; next?: string }> {
  const { documents, ...rest } = await listDocuments(store, recordDocument, page);
  const datasets = documents
    .filter(({ versions }) => versions.length > 0)
    .map(({ imports: _, ancestors: __, ...record }) => record);
  return { datasets, ...rest };
}

/**
 * Enters a version as the latest. Its parent is the previous latest version, or the last one that descends from that: an
 * import may have returned to an earlier version, and the split begins with those of all ancestors. An existing version
 * moves to the end and keeps its parent, and so does a deleted one from which others descend. If it is already the
 * latest, only its object locations change. Other versions may share the previous ones: the collector removes those
 * that none has.
 * @returns all versions; undefined if nothing changes
 */
export function enterVersion(
  record: Pick<StoredDataset, 'versions' | 'ancestors'>,
  version: Omit<DatasetVersion, 'parent'>,
): DatasetVersion[] | undefined {
  const { versions, ancestors = [] } = record;
  const latest = versions.at(-1);
  if (latest?.digest === version.digest && latest.inPlace?.places === version.inPlace?.places) return undefined;
  const known = versions.find(({ digest }) => digest === version.digest);
  const before = known ?? ancestors.find(({ digest }) => digest === version.digest);
  const parent = before === undefined ? latest && lastDescendant(latest.digest, record) : before.parent;
  const createdAt = latest === known ? (known?.createdAt ?? version.createdAt) : version.createdAt;
  const entered = { ...version, createdAt, ...(parent !== undefined && { parent }) };
  return [...versions.filter(({ digest }) => digest !== version.digest), entered];
}

/**
 * @param digest of the version that must be the latest; undefined: there must be none
 * @throws ConflictError DATASET_VERSION_CHANGED if another version is the latest
 */
export function requireLatest(name: string, digest: string | undefined, versions: readonly DatasetVersion[]): void {
  const latest = versions.at(-1)?.digest;
  if (latest !== digest) throw versionChanged(name, digest, latest);
}

/** The error of a version that is no longer the latest one. */
export function versionChanged(name: string, digest: string | undefined, latest: string | undefined): ConflictError {
  return new ConflictError('DATASET_VERSION_CHANGED', {
    at: name,
    expected: digest === undefined ? 'no version' : `${digest} as the latest version`,
    received: latest ?? 'no version',
    fix: 'read the data set again, and send the labels with the digest of its latest version as base',
  });
}

/** All versions of a data set, the latest last; none if the data set does not exist. */
export async function readVersions(name: string, store: ObjectStore): Promise<readonly DatasetVersion[]> {
  return (await readDocument(store, recordDocument, name))?.versions ?? [];
}

/**
 * Removes versions from a data set's record. Those from which others descend stay in it as ancestors, because the
 * split of the others depends on their manifests: no image moves between sets because an earlier version was deleted.
 * @returns the removed versions
 */
export async function removeVersions(
  name: string,
  digests: ReadonlySet<string>,
  store: ObjectStore,
): Promise<readonly DatasetVersion[]> {
  const isRemoved = ({ digest }: DatasetVersion) => digests.has(digest);
  const { before } = await changeDocument(store, recordDocument, name, (record) => {
    if (record === undefined) return undefined;
    const { ancestors: _, ...rest } = record;
    const versions = record.versions.filter((version) => !isRemoved(version));
    const ancestors = deletedAncestors(record, versions);
    return { ...rest, versions, ...(ancestors.length > 0 && { ancestors }) };
  });
  return before?.versions.filter(isRemoved) ?? [];
}

/** A page of a data set's versions, the newest first. @throws NotFoundError DATASET_NOT_FOUND */
export async function listDatasetVersions(
  name: string,
  store: ObjectStore,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ versions: DatasetVersion[]; next?: string }> {
  const versions = (await readVersions(name, store)).toReversed();
  if (versions.length === 0) return notFound(name, name, store);
  const start = after === undefined ? 0 : versions.findIndex(({ digest }) => digest === after) + 1;
  const page = versions.slice(start, start + limit);
  const last = page.at(-1);
  return { versions: page, ...(start + limit < versions.length && last !== undefined && { next: last.digest }) };
}

/** The digests of a version's ancestors, deleted ones included, the oldest first. @throws NotFoundError as `openDataset` */
export async function readLineage(ref: string, store: ObjectStore): Promise<string[]> {
  const { name, digest } = await findVersion(ref, store);
  const record = await readDocument(store, recordDocument, name);
  return record === undefined ? [] : lineageOf(digest, record);
}

/** Finds the version of a reference. @throws NotFoundError as `openDataset` */
export async function findVersion(ref: string, store: ObjectStore): Promise<DatasetVersion & { name: string }> {
  const { name } = parseDatasetRef(ref);
  const versions = await readVersions(name, store);
  return versions.length === 0 ? notFound(ref, name, store) : { name, ...selectVersion(ref, versions) };
}

/**
 * The version of a reference among all versions of its data set.
 * @param versions at least one, the latest last
 * @throws NotFoundError DATASET_VERSION_NOT_FOUND
 */
export function selectVersion(ref: string, versions: readonly DatasetVersion[]): DatasetVersion {
  const { version: wanted = '' } = parseDatasetRef(ref);
  const matching = versions.filter(({ digest }) => digest.startsWith(wanted));
  const version = wanted === '' ? versions.at(-1) : matching[0];
  if (version !== undefined && (wanted === '' || matching.length === 1)) return version;
  throw new NotFoundError('DATASET_VERSION_NOT_FOUND', {
    at: ref,
    expected: `one of ${versions
      .slice(-20)
      .map(({ digest }) => digest.slice(0, 19))
      .join(', ')}`,
    received: matching.length > 1 ? `${wanted}, which ${matching.length} versions begin with` : wanted,
    fix: 'give more digits, or leave the digest out for the latest version',
  });
}

/** A data set has no alias but `latest`: a text with another one, or of another form, is taken as a name, which is not found. */
export function parseDatasetRef(ref: string): Reference {
  const parsed = parseReference(ref) ?? { name: ref };
  return (parsed.alias ?? 'latest') === 'latest' ? parsed : { name: ref };
}

async function notFound(ref: string, name: string, store: ObjectStore): Promise<never> {
  const { ids } = await listIds(store, recordDocument, { limit: 1000 });
  const others = ids.filter((id) => id !== name);
  const nearby = nearest(name, others);
  const names = await existing([...new Set([...(nearby === undefined ? [] : [nearby]), ...others.slice(0, 20)])], store);
  const meant = names.find((id) => id === nearby);
  throw new NotFoundError('DATASET_NOT_FOUND', {
    at: ref,
    expected: names.length === 0 ? 'the name of a data set, but there is none yet' : `one of ${names.join(', ')}`,
    received: name,
    fix: meant === undefined ? 'upload it with graft upload PATH --name NAME' : `did you mean ${meant}?`,
  });
}

/** The data sets among these names that have versions: the record of a deleted one stays, without any. */
async function existing(names: readonly string[], store: ObjectStore): Promise<string[]> {
  const versions = await Promise.all(names.map((name) => readVersions(name, store)));
  return names.filter((_, index) => versions[index]?.length !== 0);
}
