import { JobEstimate } from '../../lib/contracts/compute.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { readReport } from '../../lib/datasets/dataset-store.ts';
import { estimateJob } from '../../lib/jobs/estimate-job.ts';
import { resolveSpec } from '../../lib/jobs/resolve-spec.ts';
import { route } from './route.ts';

export const createEstimate = route(
  {
    method: 'POST',
    path: '/v1/estimates',
    about: 'What a job is expected to take, and where it would run; nothing is submitted.',
    body: JobSpec,
    response: JobEstimate,
    problems: [404, 422],
    idempotency: 'none',
  },
  async ({ body }, { world: { store, targets } }) => {
    const spec = await resolveSpec(body, store);
    return estimateJob(spec, await readReport(store, spec.dataset), { targets });
  },
);
