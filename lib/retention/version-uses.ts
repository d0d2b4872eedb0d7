import { mapInOrder } from '../concurrency.ts';
import type { VersionUse } from '../contracts/retention.ts';
import { NotFoundError } from '../errors.ts';
import { neededVersion } from '../jobs/needed-version.ts';
import { unfinishedJobs } from '../jobs/unfinished-jobs.ts';
import { oldestKeptDay } from '../models/kept-predictions.ts';
import { readCard } from '../models/model-package.ts';
import { keepingOf, readModels } from '../models/registry.ts';
import type { ObjectStore, World } from '../ports.ts';

/** The backbone of a version whose backbone is a user's own model, or another version. */
const OWN = 'own';
const READ_AT_ONCE = 16;

/** What uses versions from outside their model's record. */
export interface VersionUses {
  of(model: string, version: number): readonly VersionUse[];
}

/** The version that is the backbone of a version, as NAME@VERSION; undefined also if the latter was deleted meanwhile. */
async function parentOf(prefix: string, store: ObjectStore): Promise<string | undefined> {
  try {
    // Without its digest: a changed card must not stop the collection.
    return (await readCard({ package: prefix }, store)).spec.backbone.own?.version?.ref;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/**
 * Reads which versions unfinished jobs need, which ones are backbones of others, and which expired ones have kept
 * predictions whose days are not over. It reads the jobs first: a version that such a job publishes meanwhile is in the
 * registry by then.
 * @param expired versions by model: the only ones of which it reads the kept predictions
 */
export async function readVersionUses(
  expired: ReadonlyMap<string, readonly number[]>,
  { store, clock }: Pick<World, 'store' | 'clock'>,
): Promise<VersionUses> {
  const uses = new Map<string, VersionUse[]>();
  const add = (ref: string, use: VersionUse) => uses.set(ref, [...(uses.get(ref) ?? []), use]);
  const jobs = new Set<string>();
  for await (const job of unfinishedJobs(store)) {
    jobs.add(job.id);
    const needed = neededVersion(job);
    if (needed !== undefined) add(`${needed.name}@${needed.version}`, { kind: 'job', by: job.id });
  }
  const children: { readonly ref: string; readonly prefix: string }[] = [];
  for await (const { name, versions, keeping } of readModels(store)) {
    for (const { version, job, backbone, package: prefix } of versions) {
      const ref = `${name}@${version}`;
      // The job still evaluates what it has published.
      if (jobs.has(job)) add(ref, { kind: 'job', by: job });
      if (backbone === OWN) children.push({ ref, prefix });
    }
    const setting = keepingOf({ keeping });
    if (setting === undefined) continue;
    const days = mapInOrder(expired.get(name) ?? [], READ_AT_ONCE, async (version) => ({
      ref: `${name}@${version}`,
      day: await oldestKeptDay({ model: name, version, keeping: setting }, clock.now(), store),
    }));
    for await (const { ref, day } of days) if (day !== undefined) add(ref, { kind: 'predictions', by: day });
  }
  const parents = mapInOrder(children, READ_AT_ONCE, async ({ ref, prefix }) => ({
    ref,
    parent: await parentOf(prefix, store),
  }));
  for await (const { ref, parent } of parents) if (parent !== undefined) add(parent, { kind: 'backbone', by: ref });
  return { of: (model, version) => uses.get(`${model}@${version}`) ?? [] };
}
