import { JobRecord } from '../../lib/contracts/job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { planJob } from '../../lib/estimates/plan-job.ts';
import { submitJob as submit } from '../../lib/jobs/submit-job.ts';
import { SPEC_BYTES } from './limits.ts';
import { route } from './route.ts';

/** The same idempotency key returns the same job. */
export const submitJob = route(
  {
    method: 'POST',
    path: '/v1/jobs',
    about: 'Submits a job.',
    body: JobSpec,
    maxBodyBytes: SPEC_BYTES,
    status: 202,
    response: JobRecord,
    problems: [404, 409, 422],
    idempotency: 'job',
  },
  async ({ body, newId }, { world }) => {
    const { spec, ...planned } = await planJob(body, world);
    return submit(spec, world, { id: newId('job'), ...planned });
  },
);
