import type { ModelRecord } from '../contracts/model-record.ts';
import { ConflictError } from '../errors.ts';
import { ownEntry } from '../own-entry.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { changeModel, changeRecord, LATEST, noVersion } from './registry.ts';

/**
 * Deletes a version: first from the registry, as the single visible step, then its files. `latest` moves to the newest
 * remaining version. If the process dies in between, the next daily run of retention deletes the files.
 * @throws ConflictError VERSION_IN_USE while an alias other than `latest` points to it; NotFoundError MODEL_NOT_FOUND,
 * MODEL_VERSION_NOT_FOUND
 */
export async function deleteVersion(name: string, number: number, store: ObjectStore): Promise<ModelRecord> {
  const { after } = await changeModel(name, store, (current) => {
    if (!current.versions.some(({ version }) => version === number)) return noVersion(`${name}@${number}`, current);
    requireUnused(current, [number]);
    return withoutVersions(current, [number]);
  });
  await deletePackages(after, store);
  return after;
}

/**
 * Deletes a model and all its versions. Their numbers are not reused.
 * @throws as `deleteVersion`
 */
export async function deleteModel(name: string, store: ObjectStore): Promise<ModelRecord> {
  const { after } = await changeModel(name, store, (current) => {
    const numbers = current.versions.map(({ version }) => version);
    requireUnused(current, numbers);
    return withoutVersions(current, numbers);
  });
  await deletePackages(after, store);
  return after;
}

function requireUnused({ name, aliases }: ModelRecord, numbers: readonly number[]): void {
  const using = Object.entries(aliases).filter(([alias, version]) => alias !== LATEST && numbers.includes(version));
  if (using.length === 0) return;
  throw new ConflictError('VERSION_IN_USE', {
    at: name,
    expected: 'versions that only latest points to',
    received: using.map(([alias, version]) => `${alias} points to ${version}`).join(', '),
    fix: 'point these aliases to another version, or delete them',
  });
}

/** A model's record without these versions. Their packages are noted in it until `deletePackages` has deleted them. */
export function withoutVersions(record: ModelRecord, numbers: readonly number[]): ModelRecord {
  const gone = new Set(numbers);
  const stays = (number: number) => !gone.has(number);
  const versions = record.versions.filter(({ version }) => stays(version));
  const packages = record.versions.filter(({ version }) => !stays(version)).map((version) => version.package);
  const newest = versions.at(-1)?.version;
  const { [LATEST]: latest, ...others } = record.aliases;
  // A model that is trained again under this name starts without gates and retention, and keeps no predictions.
  const { gates: _, history: __, keeping: ___, retention: ____, removed: _____, ...rest } = record;
  const moved = latest !== undefined && stays(latest) ? latest : newest;
  const aliases = { ...others, ...(moved !== undefined && { [LATEST]: moved }) };
  return {
    ...(newest === undefined ? rest : record),
    versions,
    aliases,
    previous: Object.fromEntries(
      Object.entries(record.previous ?? {}).map(([alias, past]) => [
        alias,
        withoutRepeats(past.filter(stays), ownEntry(aliases, alias)),
      ]),
    ),
    lastVersion: Math.max(record.lastVersion ?? 0, record.versions.at(-1)?.version ?? 1),
    ...(packages.length > 0 && { deletedPackages: [...(record.deletedPackages ?? []), ...packages] }),
  };
}

/** Each rollback moves an alias: a version is not followed by itself, and the last one is not the current one. */
function withoutRepeats(past: readonly number[], current: number | undefined): number[] {
  return past.filter((version, index) => version !== (past[index + 1] ?? current));
}

/** Deletes the files of the packages that a model's record notes as deleted, and then the notes. */
export async function deletePackages({ name, deletedPackages = [] }: ModelRecord, store: ObjectStore): Promise<void> {
  if (deletedPackages.length === 0) return;
  for (const prefix of deletedPackages) for await (const { key } of listKeys(store, prefix)) await store.delete(key);
  const done = new Set(deletedPackages);
  await changeRecord(name, store, ({ deletedPackages: noted = [], ...record }) => {
    const left = noted.filter((prefix) => !done.has(prefix));
    if (left.length === noted.length) return undefined;
    return { ...record, ...(left.length > 0 && { deletedPackages: left }) };
  });
}
