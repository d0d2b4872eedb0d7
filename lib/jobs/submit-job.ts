import type { JobEstimate } from '../contracts/compute.ts';
import { type AnyJob, JobRecord } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { withdrawExpiry } from '../models/expiring-versions.ts';
import type { World } from '../ports.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { newId } from '../store/new-id.ts';
import { activeMark, jobDocument, readJob } from './job-store.ts';
import { type JobDraft, submitted } from './life-cycle.ts';
import { neededVersion } from './needed-version.ts';

export interface SubmitOptions {
  /** Of the job; an existing job with this id is returned unchanged. Default: a new id. */
  readonly id?: string | undefined;
  /** Of its time and cost, and where it runs. */
  readonly estimate?: JobEstimate | undefined;
  /** The digest of its version's ancestors, from the plan. Default: each attempt splits by the present ones. */
  readonly datasetLineage?: string | undefined;
}

/**
 * Writes the record of a training once, and puts its id on the queue.
 * @param spec complete: with all defaults written out and the data set pinned to a digest
 * @example
 * ```ts
 * const spec = await resolveSpec(JobSpec.parse({ name: 'flowers', dataset: 'flowers' }), world.store);
 * const { id } = await submitJob(spec, world);
 * ```
 */
export async function submitJob(
  spec: JobSpec,
  world: World,
  { id, estimate, datasetLineage }: SubmitOptions = {},
): Promise<JobRecord> {
  const draft = { spec, ...(datasetLineage !== undefined && { datasetLineage }), ...(estimate !== undefined && { estimate }) };
  return JobRecord.parse(await createJob(draft, world, id));
}

/**
 * Writes a job's record once, and puts its id on the queue. It writes the mark first, then the record, then the
 * message. After a crash in between, either nothing counts, or the same call or reconcileJobs() continues the job.
 * @param id of the job; an existing job with this id is returned unchanged. Default: a new id
 */
export async function createJob(draft: JobDraft, world: World, id?: string): Promise<AnyJob> {
  const now = world.clock.now();
  if (id === undefined) return writeJob(draft, newId('job', now), world);
  return (await readDocument(world.store, jobDocument, id)) ?? writeJob(draft, id, world);
}

async function writeJob(draft: JobDraft, id: string, world: World): Promise<AnyJob> {
  // A rejected record must leave no mark: nothing would delete it.
  const job = jobDocument.schema.parse(submitted(id, draft, world.clock.now()));
  await world.store.put(activeMark(id), new Uint8Array());
  if (!(await createDocument(world.store, jobDocument, id, job))) return readJob(id, world.store);
  const needed = neededVersion(job);
  if (needed !== undefined) await withdrawExpiry(needed.name, Number(needed.version), world.store);
  await world.queues.trainings.send({ type: 'train', job: id, attempts: 0 });
  return job;
}
