import { z } from 'zod';
import { AnyJob } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { withDelivery } from '../../lib/jobs/webhook-delivery.ts';
import { presentJob } from './present/present-job.ts';
import { route } from './route.ts';

export const getJob = route(
  {
    method: 'GET',
    path: '/v1/jobs/{id}',
    about: 'Returns a job with its state, progress and result.',
    params: z.object({ id: JobId }),
    response: AnyJob,
    problems: [404],
  },
  async ({ params }, { world: { store } }) => presentJob(await withDelivery(await readJob(store, params.id), store)),
);
