import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JobEstimate } from '../contracts/compute.ts';
import { type AnyJob, isTraining, type JobRecord } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { JobId } from '../contracts/names.ts';
import { createDocument, readDocument } from '../documents.ts';
import { ConflictError, RuntimeError } from '../errors.ts';
import { newId } from '../new-id.ts';
import type { World } from '../ports.ts';
import { type JobDraft, submitted } from './job-life.ts';
import { activeMark, jobDocument, readJob } from './job-store.ts';

const IdempotencyRecord = z.strictObject({ job: JobId, spec: z.string() });
const idempotencyDocument = {
  schema: IdempotencyRecord,
  key: (idempotencyKey: string) => `idempotency/${createHash('sha256').update(idempotencyKey).digest('hex')}.json`,
};

/**
 * Writes a training's record once and puts its id on the queue.
 * @param spec complete: defaults written out and the data set pinned to a digest
 * @param estimate what it is expected to take, and where it runs
 * @throws ConflictError IDEMPOTENCY_KEY_REUSED where the key came with another spec before
 */
export async function submitJob(
  spec: JobSpec,
  idempotencyKey: string | undefined,
  world: World,
  estimate?: JobEstimate,
): Promise<JobRecord> {
  const job = await createJob({ spec, ...(estimate !== undefined && { estimate }) }, idempotencyKey, world);
  return isTraining(job) ? job : reused();
}

/**
 * Writes a job's record once and puts its id on the queue. The order matters: idempotency key, mark, record, message. Whoever
 * dies in between leaves either nothing that counts, or a job that the same request or reconcile() takes on.
 * @throws ConflictError IDEMPOTENCY_KEY_REUSED where the key came with another draft before
 */
export async function createJob(draft: JobDraft, idempotencyKey: string | undefined, world: World): Promise<AnyJob> {
  const { id, isRepeated } = await idFor(draft, idempotencyKey, world);
  const earlier = isRepeated ? await readDocument(world.store, jobDocument, id) : undefined;
  if (earlier !== undefined) return earlier;
  await world.store.put(activeMark(id), new Uint8Array());
  const job = submitted(id, draft, world.clock.now());
  if (!(await createDocument(world.store, jobDocument, id, job))) return readJob(world.store, id);
  await world.queues.trainings.send({ type: 'train', job: id, attempts: 0 });
  return job;
}

/** @returns a new id, or that of the job which the same request has made before, or was about to make */
async function idFor(
  draft: JobDraft,
  idempotencyKey: string | undefined,
  world: World,
): Promise<{ readonly id: string; readonly isRepeated: boolean }> {
  const id = newId('job', world.clock.now());
  if (idempotencyKey === undefined) return { id, isRepeated: false };
  const { kind = 'train', ...wanted } = draft;
  // A training without a retry has the fingerprint of its spec alone, as it always had.
  const told = kind === 'train' && draft.retryOf === undefined ? draft.spec : { kind, ...wanted };
  const spec = createHash('sha256').update(JSON.stringify(told)).digest('hex');
  if (await createDocument(world.store, idempotencyDocument, idempotencyKey, { job: id, spec })) return { id, isRepeated: false };
  const earlier = await readDocument(world.store, idempotencyDocument, idempotencyKey);
  if (earlier === undefined) {
    throw new RuntimeError('IDEMPOTENCY_RECORD_GONE', { at: 'Idempotency-Key', fix: 'send the request again', retryable: true });
  }
  return earlier.spec === spec ? { id: earlier.job, isRepeated: true } : reused();
}

function reused(): never {
  throw new ConflictError('IDEMPOTENCY_KEY_REUSED', {
    at: 'Idempotency-Key',
    expected: 'the same request as before',
    received: 'another request under the same key',
    fix: 'use a new key for a new job',
  });
}
