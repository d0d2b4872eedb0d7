import { JobList, JobQuery } from '../../lib/contracts/http.ts';
import { listJobs as list } from '../../lib/jobs/job-store.ts';
import { route } from './route.ts';

export const listJobs = route(
  {
    method: 'GET',
    path: '/v1/jobs',
    about: 'The jobs, newest first; only those of a state, a model or a data set.',
    query: JobQuery,
    response: JobList,
  },
  ({ query }, { world }) => list(world.store, query),
);
