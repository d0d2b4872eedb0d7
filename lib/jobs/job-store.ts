import { JobRecord } from '../contracts/job.ts';
import { changeDocument, readDocument } from '../documents.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';

export const jobDocument = { schema: JobRecord, key: (id: string) => `jobs/${id}.json` };

/** A mark beside each job that has not ended, so that nobody must read all jobs to find those at work. */
export function activeMark(id: string): string {
  return `active/${id}`;
}

/** @throws NotFoundError JOB_NOT_FOUND */
export async function readJob(store: ObjectStore, id: string): Promise<JobRecord> {
  return (await readDocument(store, jobDocument, id)) ?? missing(id);
}

/**
 * Changes a job by compare-and-swap. @param change pure; gives undefined to leave the record as it is
 * @throws NotFoundError JOB_NOT_FOUND
 */
export async function changeJob(
  store: ObjectStore,
  id: string,
  change: (job: JobRecord) => JobRecord | undefined,
): Promise<JobRecord> {
  const job = await changeDocument(store, jobDocument, id, (current) => change(current ?? missing(id)));
  return job ?? missing(id);
}

/** Newest first. */
export async function listJobs(
  store: ObjectStore,
  page: { after?: string | undefined; limit: number },
): Promise<{ jobs: JobRecord[]; next?: string }> {
  const after = page.after === undefined ? {} : { after: jobDocument.key(page.after) };
  const { objects, more } = await store.list('jobs/', { ...after, limit: page.limit });
  const ids = objects.map(({ key }) => key.slice('jobs/'.length, -'.json'.length));
  const jobs = await Promise.all(ids.map((id) => readJob(store, id)));
  const last = ids.at(-1);
  return { jobs, ...(more && last !== undefined && { next: last }) };
}

function missing(id: string): never {
  throw new NotFoundError('JOB_NOT_FOUND', {
    at: id,
    expected: 'the id of a job',
    received: id,
    fix: 'list the jobs: graft jobs',
  });
}
