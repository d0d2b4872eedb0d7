import { EstimatedJob } from '../../lib/contracts/http.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { estimatePlan } from '../../lib/estimates/plan-job.ts';
import { SPEC_BYTES } from './limits.ts';
import { route } from './route.ts';

export const createEstimate = route(
  {
    method: 'POST',
    path: '/v1/estimates',
    about: 'Estimates the time and cost of a job, and returns where it would run and its complete spec; submits nothing.',
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
