/**
 * Removes expired versions of models. A run has three steps, so that it never removes a version that a job has begun to
 * need meanwhile (docs/registry.md):
 *
 * 1. It announces the expired versions in the record of their model.
 * 2. It reads the unfinished jobs, then all versions and what they have kept, for what uses the announced ones.
 * 3. It removes those without a use, by compare-and-swap of the same record, and only if they are still announced.
 *
 * A job that needs a version withdraws its announcement after it has written its own record
 * (lib/models/expiring-versions.ts). So either step 2 finds the job, or step 3 finds no announcement, or the job finds
 * no version (a training has its own copy of the graph). Aliases are in the same record as the versions, so step 3 sees
 * those that moved meanwhile.
 */
import { randomUUID } from 'node:crypto';
import type { ModelRecord } from '../contracts/model-record.ts';
import { errorJson } from '../errors.ts';
import { deletePackages, withoutVersions } from '../models/delete-model.ts';
import { changeRecord, readModels } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { aliasUses, expiredVersions, retentionOf } from './expired-versions.ts';
import { readVersionUses, type VersionUses } from './version-uses.ts';

/** The removals that a model's record keeps. */
const MOST_REMEMBERED = 100;

type RetentionWorld = Pick<World, 'store' | 'clock' | 'log'>;

/**
 * Removes the expired versions of all models that nothing uses, and the files of versions that were deleted before. A
 * failure is logged (`retention.failed`), and the next run continues.
 * @returns the number of removed versions
 */
export async function applyRetention(world: RetentionWorld, { signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
  const run = randomUUID();
  let removed = 0;
  try {
    const announced = new Map<string, readonly number[]>();
    for await (const record of readModels(world.store)) {
      if (signal?.aborted) return removed;
      await deletePackages(record, world.store);
      const versions = await announce(record, run, world);
      if (versions.length > 0) announced.set(record.name, versions);
    }
    if (announced.size === 0) return removed;
    const uses = await readVersionUses(announced, world);
    for (const name of announced.keys()) {
      if (signal?.aborted) return removed;
      removed += await removeUnused(name, { run, uses }, world);
    }
  } catch (error) {
    world.log('retention.failed', { error: errorJson(error) });
  }
  return removed;
}

/** Announces the removal of versions, and replaces the announcement of a run that died. @returns the versions */
async function announce(
  { name, ...read }: ModelRecord,
  run: string,
  { store, clock }: RetentionWorld,
): Promise<readonly number[]> {
  const expired = (record: Omit<ModelRecord, 'name'>) => removable(record, clock.now());
  if (expired(read).length === 0) return [];
  const change = await changeRecord(name, store, (current) => {
    const versions = expired(current);
    return versions.length === 0 ? undefined : { ...current, expiring: { run, versions } };
  });
  const expiring = change?.after.expiring;
  return expiring?.run === run ? expiring.versions : [];
}

async function removeUnused(
  name: string,
  { run, uses }: { readonly run: string; readonly uses: VersionUses },
  { store, clock, log }: RetentionWorld,
): Promise<number> {
  const now = clock.now();
  const unused = (record: ModelRecord): number[] => {
    const announced = new Set(record.expiring?.versions);
    return removable(record, now).filter((version) => announced.has(version) && uses.of(name, version).length === 0);
  };
  const change = await changeRecord(name, store, (current) => {
    const { expiring, ...record } = current;
    if (expiring?.run !== run) return undefined;
    const versions = unused(current);
    const removed = versions.map((version) => ({ version, at: now.toISOString() }));
    return withoutVersions({ ...record, removed: [...(record.removed ?? []), ...removed].slice(-MOST_REMEMBERED) }, versions);
  });
  if (!change?.isChanged) return 0;
  const versions = unused(change.before);
  if (versions.length === 0) return 0;
  log('retention.removed', { model: name, versions });
  await deletePackages(change.after, store);
  return versions.length;
}

/** The expired versions that no alias of the model needs. */
function removable(record: Omit<ModelRecord, 'name'>, now: Date): number[] {
  const retention = retentionOf(record);
  if (retention === undefined) return [];
  return expiredVersions(record, retention, now).filter((version) => aliasUses(record, version).length === 0);
}
