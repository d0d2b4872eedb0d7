import { fitPage } from '../../lib/contracts/fit-response.ts';
import { JobList, JobQuery } from '../../lib/contracts/http.ts';
import { listJobs as list } from '../../lib/jobs/job-store.ts';
import { presentJob } from './present/present-job.ts';
import { route } from './route.ts';

export const listJobs = route(
  {
    method: 'GET',
    path: '/v1/jobs',
    about: 'Lists the jobs, newest first; optionally those of a state, a model or a data set.',
    query: JobQuery,
    response: JobList,
  },
  async ({ query }, { world }) => {
    const { jobs, next } = await list(world.store, query);
    const { items, ...page } = fitPage(jobs.map(presentJob), next, ({ id }) => id);
    return { jobs: items, ...page };
  },
);
