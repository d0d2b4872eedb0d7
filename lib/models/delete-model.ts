import type { ModelRecord } from '../contracts/model.ts';
import type { ModelVersion } from '../contracts/model-version.ts';
import { ConflictError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { changeModel, LATEST, noVersion } from './registry.ts';

/**
 * Deletes a version: first from the registry, as the single visible step, then its files. `latest` moves to the newest
 * remaining version.
 * @throws ConflictError VERSION_IN_USE while an alias other than `latest` points to it; NotFoundError MODEL_NOT_FOUND,
 * MODEL_VERSION_NOT_FOUND
 */
export async function deleteVersion(store: ObjectStore, name: string, number: number): Promise<ModelRecord> {
  let removed: ModelVersion | undefined;
  const record = await changeModel(store, name, (current) => {
    removed = current.versions.find(({ version }) => version === number) ?? noVersion(`${name}@${number}`, current);
    requireUnused(current, [number]);
    return without(current, [number]);
  });
  if (removed !== undefined) await deletePackage(store, removed);
  return record;
}

/**
 * Deletes a model and all its versions. Their numbers are not reused.
 * @throws as `deleteVersion`
 */
export async function deleteModel(store: ObjectStore, name: string): Promise<ModelRecord> {
  let removed: readonly ModelVersion[] = [];
  const record = await changeModel(store, name, (current) => {
    removed = current.versions;
    const numbers = removed.map(({ version }) => version);
    requireUnused(current, numbers);
    return without(current, numbers);
  });
  for (const version of removed) await deletePackage(store, version);
  return record;
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

function without(record: ModelRecord, numbers: readonly number[]): ModelRecord {
  const stays = (number: number) => !numbers.includes(number);
  const versions = record.versions.filter(({ version }) => stays(version));
  const newest = versions.at(-1)?.version;
  const { [LATEST]: latest, ...others } = record.aliases;
  // A model that is trained again under this name starts without gates, and keeps no predictions.
  const { gates: _, history: __, keeping: ___, ...rest } = record;
  const moved = latest !== undefined && stays(latest) ? latest : newest;
  return {
    ...(newest === undefined ? rest : record),
    versions,
    aliases: { ...others, ...(moved !== undefined && { [LATEST]: moved }) },
    previous: Object.fromEntries(Object.entries(record.previous ?? {}).map(([alias, past]) => [alias, past.filter(stays)])),
    lastVersion: Math.max(record.lastVersion ?? 0, record.versions.at(-1)?.version ?? 1),
  };
}

async function deletePackage(store: ObjectStore, version: ModelVersion): Promise<void> {
  for await (const { key } of listKeys(store, version.package)) await store.delete(key);
}
