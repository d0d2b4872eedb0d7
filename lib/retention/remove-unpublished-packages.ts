/**
 * Removes packages that no version names, and that none ever will: those of attempts that died, or whose job was
 * cancelled, between the first file of the package and the record of the version in the job. Also removes what was
 * written into the package of a version after its deletion, such as a report. Nothing is removed that
 * somebody may still publish, wherever a process is suspended or dies:
 *
 * - A worker adds a version to the registry only after it has recorded it in its job, which only the current attempt of
 *   an unfinished job can (lib/models/publish-package.ts). A job that has ended stays so; its retry is another job. A
 *   job without a record, such as that of a library's `fineTune` until its end, counts as unfinished.
 * - So once a job is seen as ended, only a version that it had recorded before can still appear. A job that has recorded
 *   one cannot be cancelled. If it succeeds, its record names that package, which stays until the registry says that its
 *   version was deleted. No worker publishes it again (lib/models/registry.ts). If it fails all the same,
 *   a worker that was taken for dead may still publish it. But the card is the last file of a package and is written
 *   before the version is recorded, so of failed jobs only packages without a card are removed.
 * - The registry is read after the job. So a version that was added before the job ended is seen.
 *
 * A run that dies leaves files that the next run removes in the same way.
 */

import { hasEnded } from '../contracts/has-ended.ts';
import { type AnyJob, isTraining } from '../contracts/job.ts';
import { asGraftError, errorJson } from '../errors.ts';
import { jobDocument } from '../jobs/job-store.ts';
import { isDeletedVersion, publishedBy, readModels } from '../models/registry.ts';
import type { ObjectStore, World } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';

/** Younger files stay. The argument above does not need it: the files of a package are written within minutes. */
const DAYS = 7;
const DAY_MS = 86_400_000;
/** Only keys of this form: what else is there, somebody has put there. */
const PACKAGE = new RegExp(`^(${storeKeys.models.prefix}([^/]+)/(job-[0-9a-z]{9}-[0-9a-z]{10})-[0-9]+(?:-[0-9a-f]{8})?/)`);

/** A prefix of a package, with the model and the job in it. */
interface PackagePrefix {
  readonly prefix: string;
  readonly name: string;
  readonly job: string;
}

/**
 * Removes packages that were never published. A failure is logged (`packages.failed`), and the next run continues.
 * @returns the number of removed files
 */
export async function removeUnpublishedPackages(
  world: Pick<World, 'store' | 'clock' | 'log'>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<number> {
  const { store, clock, log } = world;
  const newest = clock.now().getTime() - DAYS * DAY_MS;
  let removed = 0;
  try {
    const published = await publishedPackages(store);
    let last = { prefix: '', isUnpublished: false };
    for await (const { key, modifiedAt } of listKeys(store, storeKeys.models.prefix)) {
      if (signal?.aborted) break;
      const [, prefix = '', name = '', job = ''] = PACKAGE.exec(key) ?? [];
      if (prefix === '' || published.has(prefix) || modifiedAt.getTime() > newest) continue;
      if (last.prefix !== prefix) last = { prefix, isUnpublished: await isUnpublished({ prefix, name, job }, world) };
      if (!last.isUnpublished) continue;
      await store.delete(key);
      removed++;
    }
  } catch (error) {
    log('packages.failed', { error: errorJson(error) });
  }
  if (removed > 0) log('packages.removed', { files: removed });
  return removed;
}

/** The packages of all versions, so that their jobs need not be read. Those that are published meanwhile are missing. */
async function publishedPackages(store: ObjectStore): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const { versions } of readModels(store)) for (const version of versions) found.add(version.package);
  return found;
}

async function isUnpublished(
  { prefix, name, job: id }: PackagePrefix,
  { store, log }: Pick<World, 'store' | 'log'>,
): Promise<boolean> {
  try {
    const job = await readDocument(store, jobDocument, id);
    if (job === undefined || !hasEnded(job) || (await mayBePublished(job, { prefix, name }, store))) return false;
    return (await publishedBy(name, id, store))?.package !== prefix;
  } catch (error) {
    if (asGraftError(error).retryable) throw error;
    // A record that cannot be read keeps its packages, and no others.
    log('packages.unreadable', { package: prefix, error: errorJson(error) });
    return false;
  }
}

/** Whether a job that has ended published this package, or may have recorded that it is about to. */
async function mayBePublished(
  job: AnyJob,
  { prefix, name }: Pick<PackagePrefix, 'prefix' | 'name'>,
  store: ObjectStore,
): Promise<boolean> {
  if (job.state === 'FAILED') return (await store.head(`${prefix}card.json`)) !== undefined;
  if (!isTraining(job) || job.result?.package !== prefix) return false;
  return !(await isDeletedVersion(name, job.result.version, store));
}
