import { z } from 'zod';
import { AnyJob } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { cancelJob as cancel } from '../../lib/jobs/cancel-job.ts';
import { presentJob } from './present/present-job.ts';
import { route } from './route.ts';

export const cancelJob = route(
  {
    method: 'POST',
    path: '/v1/jobs/{id}/cancel',
    about: 'Cancels a job that has not ended and is not publishing its model.',
    params: z.object({ id: JobId }),
    response: AnyJob,
    problems: [404, 409],
  },
  async ({ params }, { world, compute }) => presentJob(await cancel(params.id, compute, world)),
);
