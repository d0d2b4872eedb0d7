import { PageQuery } from '../../lib/contracts/http.ts';
import { listJobs as list } from '../../lib/jobs/job-store.ts';
import { route } from './route.ts';

export const listJobs = route(
  { method: 'GET', path: '/v1/jobs', about: 'The jobs, newest first.', query: PageQuery },
  ({ query }, { world }) => list(world.store, query),
);
