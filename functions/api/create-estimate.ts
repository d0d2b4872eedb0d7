import { EstimatedJob } from '../../lib/contracts/http.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { estimatePlan } from '../../lib/estimates/plan-job.ts';
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
    problems: [403, 404, 422],
    idempotency: 'none',
  },
  async ({ body }, { world }) => {
    const { spec, estimate } = await estimatePlan(body, world);
    return { ...estimate, spec };
  },
);
