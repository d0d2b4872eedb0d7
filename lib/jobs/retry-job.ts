import type { AnyJob } from '../contracts/job.ts';
import { ConflictError } from '../errors.ts';
import type { World } from '../ports.ts';
import { readJob } from './job-store.ts';
import type { JobDraft } from './life-cycle.ts';
import { createJob } from './submit-job.ts';

/**
 * Retries a failed or cancelled job as a new job with the same spec.
 * @param newJobId gives the id of the new job; called only if one is made
 * @throws NotFoundError JOB_NOT_FOUND; ConflictError JOB_NOT_RETRYABLE
 */
export async function retryJob(id: string, world: World, newJobId?: () => string): Promise<AnyJob> {
  const job = await readJob(world.store, id);
  if (job.state === 'FAILED' || job.state === 'CANCELLED') return createJob(draftOf(job), world, newJobId?.());
  throw new ConflictError('JOB_NOT_RETRYABLE', {
    at: id,
    expected: 'a job that is FAILED or CANCELLED',
    received: job.state,
    fix:
      job.state === 'SUCCEEDED'
        ? 'submit a new job'
        : `follow it to its end, graft job ${id} --follow, or cancel it first: graft cancel ${id}`,
  });
}

function draftOf(job: AnyJob): JobDraft {
  const retryOf = job.id;
  if (job.kind === 'batch-predict') return { kind: job.kind, spec: job.spec, retryOf };
  if (job.kind === 'evaluate') return { kind: job.kind, spec: job.spec, retryOf };
  if (job.kind === 'export') return { kind: job.kind, spec: job.spec, retryOf };
  return { spec: job.spec, retryOf, ...(job.estimate !== undefined && { estimate: job.estimate }) };
}
