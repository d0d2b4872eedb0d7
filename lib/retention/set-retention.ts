/** Which versions of a model stay: a member of its record. */
import type { ModelRecord } from '../contracts/model-record.ts';
import { type ModelRetention, Retention, type RetentionQuery } from '../contracts/retention.ts';
import { changeModel, readModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { aliasUses, expiredVersions, retentionOf } from './expired-versions.ts';
import { readVersionUses } from './version-uses.ts';

type RetentionWorld = Pick<World, 'store' | 'clock'>;

/**
 * Reads which versions of a model stay.
 * @param wanted with a member: what this setting would do instead, with the defaults of its other member
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function readRetention(name: string, world: RetentionWorld, wanted: RetentionQuery = {}): Promise<ModelRetention> {
  const record = await readModel(name, world.store);
  const isPreview = Object.values(wanted).some((value) => value !== undefined);
  return describe(record, isPreview ? Retention.parse(wanted) : retentionOf(record), world);
}

/**
 * Sets which versions of a model stay. The next daily collection removes the others.
 * @throws NotFoundError MODEL_NOT_FOUND; RuntimeError DOCUMENT_UNREADABLE if what uses the versions cannot be read. The
 * setting then stays as it was
 */
export async function setRetention(name: string, retention: Retention, world: RetentionWorld): Promise<ModelRetention> {
  // Before the setting is stored: a request that fails must not let versions expire.
  const described = await describe(await readModel(name, world.store), retention, world);
  await changeModel(name, world.store, (record) => ({ ...record, retention }));
  return described;
}

/**
 * Keeps all versions of a model from now on.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function endRetention(name: string, world: RetentionWorld): Promise<ModelRetention> {
  const { after } = await changeModel(name, world.store, ({ retention: _, ...record }) => record);
  return describe(after, undefined, world);
}

async function describe(record: ModelRecord, retention: Retention | undefined, world: RetentionWorld): Promise<ModelRetention> {
  const { name: model, removed = [] } = record;
  const over = retention === undefined ? [] : expiredVersions(record, retention, world.clock.now());
  const others = over.length === 0 ? undefined : await readVersionUses(new Map([[model, over]]), world);
  const all = over.map((version) => ({ version, uses: [...aliasUses(record, version), ...(others?.of(model, version) ?? [])] }));
  return {
    model,
    retention: retention ?? null,
    expired: all.filter(({ uses }) => uses.length === 0).map(({ version }) => version),
    inUse: all.filter(({ uses }) => uses.length > 0),
    removed,
  };
}
