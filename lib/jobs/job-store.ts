import { AnyJob, type JobState } from '../contracts/job.ts';
import { parseReference } from '../contracts/reference.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import {
  changeDocument,
  type DocumentChange,
  type DocumentPage,
  listDocuments,
  listedKind,
  readDocument,
} from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

export const jobDocument = listedKind(storeKeys.jobs.prefix, AnyJob);

/** Returns the key of an unfinished job's mark. With marks, finding unfinished jobs does not read all jobs. */
export function activeMark(id: string): string {
  return `${storeKeys.active.prefix}${id}`;
}

/**
 * Reads the record of a job of any kind.
 * @throws NotFoundError JOB_NOT_FOUND
 * @example
 * ```ts
 * const { state } = await readJob(id, world.store);
 * ```
 */
export async function readJob(id: string, store: ObjectStore): Promise<AnyJob> {
  return (await readDocument(store, jobDocument, id)) ?? missing(id);
}

/**
 * Changes a job by compare-and-swap.
 * @param change a pure function; returns undefined to leave the record unchanged
 * @throws NotFoundError JOB_NOT_FOUND
 * @example
 * ```ts
 * const { before, after } = await changeJob(id, world.store, (job) => cancelled(job, world.clock.now()));
 * ```
 */
export async function changeJob(
  id: string,
  store: ObjectStore,
  change: (job: AnyJob) => AnyJob | undefined,
): Promise<DocumentChange<AnyJob>> {
  const { before, after, isChanged } = await changeDocument(store, jobDocument, id, (current) => change(current ?? missing(id)));
  return { before: before ?? missing(id), after: after ?? missing(id), isChanged };
}

export interface JobPage extends DocumentPage {
  readonly state?: JobState | undefined;
  /** Name of the model. */
  readonly model?: string | undefined;
  /** A name, or NAME@DIGEST with a complete or shortened digest. */
  readonly dataset?: string | undefined;
}

/** The most records to read for a page. With a filter, a page can be short or empty and still have a next page. */
const MOST_READ = 500;

/**
 * Records to read at once with a filter, after the first ones did not fill the page: few may match, so reading only what
 * it lacks is slow.
 */
const READ_AT_ONCE = 100;

/** Lists the jobs that match all filters, newest first. */
export async function listJobs(store: ObjectStore, page: JobPage): Promise<{ jobs: AnyJob[]; next?: string }> {
  const found: AnyJob[] = [];
  let after = page.after;
  for (let read = 0; read < MOST_READ && found.length < page.limit; ) {
    const limit = read > 0 && isFiltered(page) ? READ_AT_ONCE : page.limit - found.length;
    const { documents, next } = await listDocuments(store, jobDocument, { after, limit });
    found.push(...documents.filter((job) => fits(job, page)));
    if (found.length > page.limit) return cutOff(found, page.limit);
    if (next === undefined) return { jobs: found };
    after = next;
    read += limit;
  }
  return { jobs: found, ...(after !== undefined && { next: after }) };
}

/** The next page begins after the last job of this one, and reads again the records after it. */
function cutOff(found: readonly AnyJob[], limit: number): { jobs: AnyJob[]; next?: string } {
  const jobs = found.slice(0, limit);
  const next = jobs.at(-1)?.id;
  return { jobs, ...(next !== undefined && { next }) };
}

function isFiltered({ state, model, dataset }: JobPage): boolean {
  return state !== undefined || model !== undefined || dataset !== undefined;
}

function fits(job: AnyJob, { state, model, dataset }: JobPage): boolean {
  return (
    (state === undefined || job.state === state) &&
    (model === undefined || job.spec.name === model) &&
    (dataset === undefined || isOf(job.spec.dataset, dataset))
  );
}

/**
 * Tells whether a data set matches a filter.
 * @param used NAME@DIGEST as in a record
 */
function isOf(used = '', wanted: string): boolean {
  const { name = wanted, version = '' } = parseReference(wanted) ?? {};
  const { name: usedName, version: usedVersion = '' } = parseReference(used) ?? {};
  return usedName === name && usedVersion.startsWith(version);
}

function missing(id: string): never {
  throw new NotFoundError('JOB_NOT_FOUND', {
    at: id,
    expected: 'the id of a job',
    received: id,
    fix: 'graft jobs lists them',
  });
}
