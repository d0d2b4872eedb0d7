import { type AnyJob, isTraining } from '../contracts/job.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { readFixedLineage } from '../datasets/versions/fixed-lineage.ts';
import { ConflictError } from '../errors.ts';
import { estimatePlan, type PlannedJob } from '../estimates/plan-job.ts';
import type { World } from '../ports.ts';
import { readDocument } from '../store/documents.ts';
import { jobDocument, readJob } from './job-store.ts';
import type { JobDraft } from './life-cycle.ts';
import { createJob } from './submit-job.ts';

/**
 * Retries a failed or cancelled job as a new job with the same spec, and a training with the same split. A training is
 * estimated again, because the failed one may have computed features, which need no other machines any more.
 * @param newJobId gives the id of the new job; an existing job with this id is returned unchanged. Called only if the job
 * may be retried
 * @param estimate default: as for a submitted job, but for its limits
 * @throws NotFoundError JOB_NOT_FOUND; ConflictError JOB_NOT_RETRYABLE; for a training as `readFixedLineage`, and as
 * `estimate` if it has an estimate
 */
export async function retryJob(
  id: string,
  world: World,
  newJobId?: () => string,
  estimate: (spec: JobSpec, world: World) => Promise<Pick<PlannedJob, 'estimate'> & Partial<PlannedJob>> = estimateAgain,
): Promise<AnyJob> {
  const job = await readJob(id, world.store);
  if (job.state !== 'FAILED' && job.state !== 'CANCELLED') throw notRetryable(job);
  const newId = newJobId?.();
  if (!isTraining(job)) return createJob(draftOf(job), world, newId);
  // A repeated request gets its job, although a check may fail by now: its data set may be gone.
  const made = newId && (await readDocument(world.store, jobDocument, newId));
  if (made) return made;
  // Its machine could not draw the same split.
  if (job.datasetLineage !== undefined) await readFixedLineage(job.spec.dataset, job.datasetLineage, world.store);
  if (job.estimate === undefined) return createJob(draftOf(job), world, newId);
  const planned = await estimate(job.spec, world);
  // A job of an earlier version does not say that it squeezed its images, because others extracted their features.
  const { spec = job.spec } = planned;
  const datasetLineage = job.datasetLineage ?? planned.datasetLineage;
  const draft = { spec, ...(datasetLineage !== undefined && { datasetLineage }), retryOf: job.id, estimate: planned.estimate };
  return createJob(draft, world, newId);
}

function notRetryable({ id, state }: AnyJob): ConflictError {
  return new ConflictError('JOB_NOT_RETRYABLE', {
    at: id,
    expected: 'a job that is FAILED or CANCELLED',
    received: state,
    fix:
      state === 'SUCCEEDED'
        ? 'submit a new job'
        : `follow it to its end, graft job ${id} --follow, or cancel it first: graft cancel ${id}`,
  });
}

/** The job has a copy of the version that is its backbone: the version itself may be deleted by now. */
function estimateAgain(spec: JobSpec, world: World): Promise<PlannedJob> {
  return estimatePlan(spec, world, { resolved: spec.backbone.own });
}

function draftOf(job: AnyJob): JobDraft {
  const retryOf = job.id;
  if (job.kind === 'batch-predict') return { kind: job.kind, spec: job.spec, retryOf };
  if (job.kind === 'evaluate') return { kind: job.kind, spec: job.spec, retryOf };
  if (job.kind === 'export') return { kind: job.kind, spec: job.spec, retryOf };
  return { spec: job.spec, ...(job.datasetLineage !== undefined && { datasetLineage: job.datasetLineage }), retryOf };
}
