import { z } from 'zod';
import { EventCursor, JobEvents } from '../../lib/contracts/job-event.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { queryIntegerOr } from '../../lib/contracts/query-number.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { readEvents } from '../../lib/jobs/read-events.ts';
import { route } from './route.ts';

export const getJobEvents = route(
  {
    method: 'GET',
    path: '/v1/jobs/{id}/events',
    about: 'Lists the events of a job since a cursor: changes of state, stages, epochs, lines of the log.',
    params: z.object({ id: JobId }),
    query: z.strictObject({ after: EventCursor.optional(), limit: queryIntegerOr(z.int().min(1).max(1000), 200) }),
    response: JobEvents,
    problems: [404],
  },
  async ({ params, query }, { world }) => readEvents(await readJob(params.id, world.store), world.store, query),
);
