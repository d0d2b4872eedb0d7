import type { JobEstimate } from '../contracts/compute.ts';
import { type AnyJob, JobRecord } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { World } from '../ports.ts';
import { createDocument, readDocument } from '../store/documents.ts';
import { newId } from '../store/new-id.ts';
import { activeMark, jobDocument, readJob } from './job-store.ts';
import { type JobDraft, submitted } from './life-cycle.ts';

/**
 * Writes a training's record once and puts its id on the queue.
 * @param spec complete: defaults written out and the data set pinned to a digest
 * @param id of the job; default: a new one
 * @param estimate what it is expected to take, and where it runs
 */
export async function submitJob(spec: JobSpec, id: string | undefined, world: World, estimate?: JobEstimate): Promise<JobRecord> {
  return JobRecord.parse(await createJob({ spec, ...(estimate !== undefined && { estimate }) }, id, world));
}

/**
 * Writes a job's record once and puts its id on the queue. The order matters: mark, record, message. A crash in between leaves either
 * nothing that counts, or a job that the same call or reconcileJobs() continues.
 * @param id of the job; where there is one already, that one is returned as it is. Default: a new id
 */
export async function createJob(draft: JobDraft, id: string | undefined, world: World): Promise<AnyJob> {
  const now = world.clock.now();
  if (id === undefined) return writeJob(draft, newId('job', now), world);
  return (await readDocument(world.store, jobDocument, id)) ?? writeJob(draft, id, world);
}

async function writeJob(draft: JobDraft, id: string, world: World): Promise<AnyJob> {
  await world.store.put(activeMark(id), new Uint8Array());
  const job = submitted(id, draft, world.clock.now());
  if (!(await createDocument(world.store, jobDocument, id, job))) return readJob(world.store, id);
  await world.queues.trainings.send({ type: 'train', job: id, attempts: 0 });
  return job;
}
