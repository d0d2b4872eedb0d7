import { z } from 'zod';
import { AnyJob, isTraining } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { withDelivery } from '../../lib/jobs/webhook-record.ts';
import { reportFiles } from '../../lib/models/report-files.ts';
import { presentJob } from './present/present-job.ts';
import { route } from './route.ts';

export const getJob = route(
  {
    method: 'GET',
    path: '/v1/jobs/{id}',
    about: 'Returns a job with its state, progress and result, and the address of the report of the version that it trained.',
    params: z.object({ id: JobId }),
    response: AnyJob,
    problems: [404],
  },
  async ({ params }, { world }) => {
    const job = presentJob(await withDelivery(await readJob(params.id, world.store), world.store));
    if (!isTraining(job) || job.result === undefined) return job;
    const { model, version, package: prefix } = job.result;
    const hasReport = (await world.store.head(`${prefix}${reportFiles.page}`)) !== undefined;
    return { ...job, ...(hasReport && { reportPage: `/v1/models/${model}/versions/${version}/report?format=html` }) };
  },
);
