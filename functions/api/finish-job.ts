import { z } from 'zod';
import { AnyJob } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { finishJob as finish } from '../../lib/jobs/finish-job.ts';
import { presentJob } from './present/present-job.ts';
import { route } from './route.ts';

export const finishJob = route(
  {
    method: 'POST',
    path: '/v1/jobs/{id}/finish',
    about: 'Makes a training publish its interim result instead of fine-tuning further.',
    params: z.object({ id: JobId }),
    response: AnyJob,
    problems: [404, 409],
  },
  async ({ params }, { world }) => presentJob(await finish(params.id, world)),
);
