import { EstimatedJob } from '../../lib/contracts/http.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { readReport } from '../../lib/datasets/dataset-store.ts';
import { estimateJob } from '../../lib/jobs/estimate-job.ts';
import { resolveSpec } from '../../lib/jobs/resolve-spec.ts';
import { SPEC_BYTES } from './limits.ts';
import { route } from './route.ts';

export const createEstimate = route(
  {
    method: 'POST',
    path: '/v1/estimates',
    about: 'What a job is expected to take, where it would run, and its spec with every default; nothing is submitted.',
    body: JobSpec,
    maxBodyBytes: SPEC_BYTES,
    response: EstimatedJob,
    problems: [404, 422],
    idempotency: 'none',
  },
  async ({ body }, { world: { store, targets } }) => {
    const spec = await resolveSpec(body, store);
    return { ...estimateJob(spec, await readReport(store, spec.dataset), { targets }), spec };
  },
);
