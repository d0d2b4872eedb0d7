import type { JobProgress, JobRecord, JobResult } from '../../lib/contracts/job.ts';
import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { fixLineage } from '../../lib/datasets/versions/fixed-lineage.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { fineTune } from '../../lib/fine-tune.ts';
import type { World } from '../../lib/ports.ts';
import { newId } from '../../lib/store/new-id.ts';

/** Runs a training job to its end in this process, in one attempt. */
export async function runJob(
  asked: JobSpecInput,
  world: World,
  onProgress: (progress: JobProgress) => void = () => {},
): Promise<JobResult> {
  const spec = await resolveSpec(JobSpec.parse(asked), world.store);
  const at = world.clock.now().toISOString();
  const id = newId('job', world.clock.now());
  const datasetLineage = await fixLineage(spec.dataset, world.store);
  const job: JobRecord = { id, state: 'RUNNING', spec, datasetLineage, createdAt: at, updatedAt: at, attempt: 1 };
  const { signal } = new AbortController();
  return fineTune(job, world, {
    report: onProgress,
    flush: async () => {},
    beginPublishing: async (publication) => publication,
    signal,
  });
}
