import { FileList } from '../contracts/file-link.ts';
import { JobList } from '../contracts/http.ts';
import { AnyJob, JobRecord, type JobState } from '../contracts/job.ts';
import { JobEvents } from '../contracts/job-event.ts';
import type { JobSpecInput } from '../contracts/job-spec.ts';
import { followJob } from './follow-job.ts';
import { type Cancellable, type Page, query, type Requests } from './requests.ts';

/** Filters for the job list, combined with AND. */
export interface JobFilter extends Page {
  readonly state?: JobState | undefined;
  readonly model?: string | undefined;
  readonly dataset?: string | undefined;
}

/** The methods of the client for jobs of all kinds. modelMethods() submits all jobs but trainings. */
export function jobMethods({ get, post }: Requests) {
  const jobUrl = (id: string) => `/v1/jobs/${encodeURIComponent(id)}`;
  const getEvents = (id: string, page: Page = {}, options?: Cancellable) =>
    get(JobEvents, `${jobUrl(id)}/events${query(page)}`, options);

  return {
    /**
     * Submits a job.
     * @param idempotencyKey the same key returns the same job
     */
    submit: (spec: JobSpecInput, idempotencyKey?: string) => post(JobRecord, '/v1/jobs', spec, idempotencyKey),
    /** Returns a job. models.reportPage() returns the page that `reportPage` names. */
    get: (id: string, options?: Cancellable) => get(AnyJob, jobUrl(id), options),
    list: (filter: JobFilter = {}) => get(JobList, `/v1/jobs${query(filter)}`),
    /**
     * Returns a page of a job's events.
     * @param page `after` is the `next` of the previous response
     */
    events: getEvents,
    /** Iterates over all events from the beginning, until the job has ended and all its events have been read. */
    follow: (id: string, options: { signal?: AbortSignal; intervalMs?: number } = {}) => followJob(id, getEvents, options),
    cancel: (id: string) => post(AnyJob, `${jobUrl(id)}/cancel`, {}),
    /** Makes a training publish its interim result instead of fine-tuning further. */
    finish: (id: string) => post(AnyJob, `${jobUrl(id)}/finish`, {}),
    /** Submits a copy of a failed or cancelled job. */
    retry: (id: string, idempotencyKey?: string) => post(AnyJob, `${jobUrl(id)}/retry`, {}, idempotencyKey),
    /** Lists a job's output files: the parts of a batch prediction, a model's package, a complete evaluation, or an export. */
    files: (id: string, page: Page = {}) => get(FileList, `${jobUrl(id)}/files${query(page)}`),
  };
}
