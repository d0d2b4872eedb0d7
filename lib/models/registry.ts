import { nearest } from '../contracts/explain/nearest.ts';
import { StoredKeeping } from '../contracts/keeping.ts';
import { ModelRecord } from '../contracts/model-record.ts';
import type { ModelVersion } from '../contracts/model-version.ts';
import { imagenetBackbone, imagenetModelName, parseReference, type Reference } from '../contracts/reference.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { openDocumentReader } from '../store/document-reader.ts';
import {
  changeDocument,
  type DocumentChange,
  type DocumentPage,
  listDocuments,
  listedKind,
  listIds,
  readDocument,
} from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';
import { imagenetPrefix, packageMissing } from './served-package.ts';

const modelDocument = listedKind(storeKeys.registry.prefix, ModelRecord);

/** Records of a page of `readModels`. */
const MODELS_AT_ONCE = 1_000;

/** Names that an error compares with a mistyped one, and those that it lists. */
const [NAMES_COMPARED, NAMES_LISTED] = [1_000, 20];

/** The alias that every new version moves. */
export const LATEST = 'latest';

/** Maximum number of previous versions, of moves and of rollback requests, stored per alias. */
export const REMEMBERED = 20;

/**
 * Publishes a complete package as the model's next version, in a single write. A job publishes once: if an earlier
 * attempt published a version and crashed before it could report it, returns that version.
 *
 * A worker that was taken for dead publishes no version that another attempt has published and that was deleted since: a
 * deletion notes the package in the record until all its files are gone. So if the record has no such note, and the card
 * exists after the record was read, then the version was not deleted before, and a later deletion makes the write fail.
 * @throws NotFoundError MODEL_PACKAGE_MISSING if the version was deleted meanwhile
 */
export async function publishVersion(
  name: string,
  version: Omit<ModelVersion, 'version'>,
  store: ObjectStore,
): Promise<ModelVersion> {
  const { after } = await changeDocument(store, modelDocument, name, async (current = { name, versions: [], aliases: {} }) => {
    if (versionOfJob(current, version.job) !== undefined) return undefined;
    if (current.deletedPackages?.includes(version.package)) throw packageMissing(version.package);
    const card = `${version.package}card.json`;
    if ((await store.head(card)) === undefined) throw packageMissing(card);
    const number = Math.max(current.lastVersion ?? 0, current.versions.at(-1)?.version ?? 0) + 1;
    const latest = current.aliases[LATEST];
    const passed = latest === undefined ? undefined : [...previousLatest(current), latest].slice(-REMEMBERED);
    return {
      ...current,
      lastVersion: number,
      versions: [...current.versions, { ...version, version: number }],
      aliases: { ...current.aliases, [LATEST]: number },
      ...(passed && { previous: { ...current.previous, [LATEST]: passed } }),
    };
  });
  const published = after && versionOfJob(after, version.job);
  return published ?? notFound(name, `the version of ${version.job}`, []);
}

/**
 * Finds the versions that `latest` pointed to before, newest last. Earlier versions of Graft did not record from where a
 * new version moved it: then the numbers of the versions and the history tell.
 */
export function previousLatest(record: Pick<ModelRecord, 'aliases' | 'history' | 'previous' | 'versions'>): number[] {
  const recorded = record.previous?.[LATEST] ?? [];
  const passed = passedByTrainings(record);
  if (recorded.at(-1) === passed.at(-1) || passed.length === 0) return recorded;
  // Each rollback moves the alias, so no version follows itself.
  const before = recorded.at(-1) === passed[0] ? recorded.slice(0, -1) : recorded;
  return [...before, ...passed].slice(-REMEMBERED);
}

/**
 * Finds the versions that trainings moved `latest` from since its last promotion or rollback, oldest first. The history
 * names each version that was the newest when `latest` was promoted, so those of later trainings have higher numbers.
 * @returns all before the current one if nothing is recorded; none if there are previous versions without a history
 */
function passedByTrainings({
  aliases,
  history,
  previous,
  versions,
}: Pick<ModelRecord, 'aliases' | 'history' | 'previous' | 'versions'>): number[] {
  const current = aliases[LATEST] ?? 0;
  const numbers = versions.map(({ version }) => version);
  const moves = history?.[LATEST] ?? [];
  const start = moves.at(-1)?.to;
  if (start === undefined) return previous?.[LATEST] === undefined ? numbers.filter((version) => version < current) : [];
  const newest = Math.max(...moves.flatMap(({ from, to }) => [from ?? 0, to]));
  const trained = numbers.filter((version) => version > newest && version < current);
  return start !== current && numbers.includes(start) ? [start, ...trained] : trained;
}

/**
 * Finds the version that a job published.
 * @returns undefined if there is none
 */
export async function publishedBy(name: string, job: string, store: ObjectStore): Promise<ModelVersion | undefined> {
  const record = await readDocument(store, modelDocument, name);
  return record === undefined ? undefined : versionOfJob(record, job);
}

/** Whether a version was published and is deleted: its model has had its number, and has it no more. */
export async function isDeletedVersion(name: string, number: number, store: ObjectStore): Promise<boolean> {
  const record = await readDocument(store, modelDocument, name);
  if (record === undefined || (record.lastVersion ?? 0) < number) return false;
  return !record.versions.some(({ version }) => version === number);
}

/** Reads the record of a model by its name; undefined if there is none. */
type ReadRecord = (name: string) => Promise<ModelRecord | undefined>;

/** Opens a reader for a process that resolves the same models again and again. @param most number of records kept */
export function openRecordReader(most: number, store: ObjectStore): ReadRecord {
  return openDocumentReader(store, modelDocument, most);
}

/**
 * Reads a model's record.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function readModel(
  name: string,
  store: ObjectStore,
  read: ReadRecord = (id) => readDocument(store, modelDocument, id),
): Promise<ModelRecord> {
  const record = await read(name);
  return record !== undefined && record.versions.length > 0 ? record : noModel(name, store);
}

/**
 * Reads a version of a model.
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND
 */
export async function readVersion(name: string, number: number, store: ObjectStore): Promise<ModelVersion> {
  const record = await readModel(name, store);
  return record.versions.find(({ version }) => version === number) ?? noVersion(`${name}@${number}`, record);
}

/**
 * Lists a page of a model's versions, newest first.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function listModelVersions(
  name: string,
  store: ObjectStore,
  { after = Number.POSITIVE_INFINITY, limit }: { after?: number | undefined; limit: number },
): Promise<{ versions: ModelVersion[]; next?: string }> {
  const { versions } = await readModel(name, store);
  const older = versions.toReversed().filter(({ version }) => version < after);
  const page = older.slice(0, limit);
  const last = page.at(-1);
  return { versions: page, ...(older.length > limit && last !== undefined && { next: `${last.version}` }) };
}

/**
 * Changes a model's record by compare-and-swap.
 * @param change must be pure; returns undefined to leave the record unchanged
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function changeModel(
  name: string,
  store: ObjectStore,
  change: (record: ModelRecord) => ModelRecord | undefined,
): Promise<DocumentChange<ModelRecord>> {
  const record = await readModel(name, store);
  const { before, after, isChanged } = await changeDocument(store, modelDocument, name, (current = record) => change(current));
  return { before: before ?? record, after: after ?? record, isChanged };
}

/**
 * Changes a model's record by compare-and-swap, also that of a model without versions.
 * @param change as of `changeModel`
 * @returns undefined if there is no record
 */
export async function changeRecord(
  name: string,
  store: ObjectStore,
  change: (record: ModelRecord) => ModelRecord | undefined,
): Promise<DocumentChange<ModelRecord> | undefined> {
  const { before, after, isChanged } = await changeDocument(store, modelDocument, name, (current) => current && change(current));
  return before && after && { before, after, isChanged };
}

/** Reads the records of all models, also of those without versions, in the order of their names. */
export async function* readModels(store: ObjectStore): AsyncGenerator<ModelRecord> {
  let after: string | undefined;
  do {
    const { ids, next } = await listIds(store, modelDocument, { after, limit: MODELS_AT_ONCE });
    for (const id of ids) {
      const record = await readDocument(store, modelDocument, id);
      if (record !== undefined) yield record;
    }
    after = next;
  } while (after !== undefined);
}

/** A version that a reference stands for. */
export interface ResolvedModel {
  readonly name: string;
  readonly version: Pick<ModelVersion, 'version' | 'package' | 'cardDigest'>;
  /** Which predictions the model keeps; absent: none. */
  readonly keeping?: StoredKeeping;
}

/**
 * Resolves a reference to a version: `name` (the latest), `name@3` or `name:alias`.
 * @param read a reader of `openRecordReader`; default: decodes the record at every call
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND
 */
export async function resolveModel(ref: string, store: ObjectStore, read?: ReadRecord): Promise<ResolvedModel> {
  const { name, version: number, alias = LATEST }: Reference = parseReference(ref) ?? { name: ref };
  const backbone = imagenetBackbone(name);
  if (backbone !== undefined) return imagenetModel(ref, backbone, store);
  const record = await readModel(name, store, read);
  const wanted = number === undefined ? record.aliases[alias] : Number(number);
  const version = record.versions.find((candidate) => candidate.version === wanted);
  if (version === undefined) return noVersion(ref, record);
  const keeping = keepingOf(record);
  return { name, version, ...(keeping && { keeping }) };
}

/** Finds which predictions a model keeps, if this version of Graft can read it. */
export function keepingOf({ keeping }: Pick<ModelRecord, 'keeping'>): StoredKeeping | undefined {
  return StoredKeeping.safeParse(keeping).data;
}

/** The part of a model's record that determines its references. */
interface Referable extends Pick<ModelRecord, 'name' | 'aliases' | 'removed'> {
  readonly versions: readonly Pick<ModelVersion, 'version'>[];
}

export function noVersion(ref: string, { name, versions, aliases, removed = [] }: Referable): never {
  const known = [
    ...versions.slice(-20).map(({ version }) => `${name}@${version}`),
    ...Object.keys(aliases)
      .slice(0, 20)
      .map((alias) => `${name}:${alias}`),
  ];
  const gone = removed.findLast(({ version }) => ref === `${name}@${version}`);
  throw new NotFoundError('MODEL_VERSION_NOT_FOUND', {
    at: ref,
    expected: `one of ${known.join(', ')}`,
    received: gone === undefined ? ref : `${ref}, which retention removed at ${gone.at}`,
    fix: 'name a version or alias that exists',
  });
}

async function imagenetModel(
  ref: string,
  backbone: string,
  store: ObjectStore,
): Promise<{ name: string; version: Pick<ModelVersion, 'version' | 'package'> }> {
  const name = imagenetModelName(backbone);
  // A pretrained model has exactly one version. Jobs refer to it like any other model.
  if (![name, `${name}@1`, `${name}:${LATEST}`].includes(ref))
    return noVersion(ref, { name, versions: [{ version: 1 }], aliases: { [LATEST]: 1 } });
  const prefix = imagenetPrefix(backbone);
  if ((await store.head(`${prefix}card.json`)) !== undefined) return { name, version: { version: 1, package: prefix } };
  throw new NotFoundError('IMAGENET_MODEL_NOT_READY', {
    at: ref,
    expected: 'a backbone with its ImageNet top in the store',
    received: 'none',
    fix: `download it once: graft weights pull ${backbone} --top`,
  });
}

/** Lists a page of models, sorted by name. */
export async function listModels(store: ObjectStore, page: DocumentPage): Promise<{ models: ModelRecord[]; next?: string }> {
  const { documents, ...rest } = await listDocuments(store, modelDocument, page);
  return { models: documents.filter(({ versions }) => versions.length > 0), ...rest };
}

function versionOfJob(record: ModelRecord, job: string): ModelVersion | undefined {
  return record.versions.find((version) => version.job === job);
}

/** @throws NotFoundError MODEL_NOT_FOUND, with the most similar name */
async function noModel(name: string, store: ObjectStore): Promise<never> {
  const { ids } = await listIds(store, modelDocument, { limit: NAMES_COMPARED });
  const others = ids.filter((id) => id !== name);
  const nearby = nearest(name, others);
  const shown = [...new Set([...(nearby === undefined ? [] : [nearby]), ...others.slice(0, NAMES_LISTED)])];
  const known = await existing(shown, store);
  return notFound(name, name, known, known.includes(nearby ?? '') ? nearby : undefined);
}

/** The models among these names that have versions: the record of a deleted one stays, without any. */
async function existing(names: readonly string[], store: ObjectStore): Promise<string[]> {
  // A damaged record is not this error's concern.
  const records = await Promise.all(names.map((name) => readDocument(store, modelDocument, name).catch(() => undefined)));
  return names.filter((_, index) => (records[index]?.versions.length ?? 0) > 0);
}

function notFound(at: string, received: string, known: readonly string[], meant?: string): never {
  const listed = known.length === 0 ? 'train one: graft train --dataset PATH --wait' : 'graft models lists them';
  throw new NotFoundError('MODEL_NOT_FOUND', {
    at,
    expected: known.length === 0 ? 'a trained model, but there is none yet' : `one of ${known.join(', ')}`,
    received,
    fix: meant === undefined ? listed : `did you mean ${meant}?`,
  });
}
