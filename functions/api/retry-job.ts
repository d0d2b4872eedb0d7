import { z } from 'zod';
import { AnyJob } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { retryJob as retry } from '../../lib/jobs/retry-job.ts';
import { route } from './route.ts';

export const retryJob = route(
  {
    method: 'POST',
    path: '/v1/jobs/{id}/retry',
    about: 'Retries a failed or cancelled job as a new job with the same spec.',
    params: z.object({ id: JobId }),
    status: 202,
    response: AnyJob,
    problems: [403, 404, 409, 422],
    idempotency: 'job',
  },
  ({ params, newId }, { world }) => retry(params.id, world, () => newId('job')),
);
