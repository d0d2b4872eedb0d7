import { z } from 'zod';
import { Name } from '../../lib/contracts/names.ts';
import { ModelRetention, RetentionQuery } from '../../lib/contracts/retention.ts';
import { readRetention } from '../../lib/retention/set-retention.ts';
import { route } from './route.ts';

export const getRetention = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/retention',
    about: 'Returns which versions of a model expire; with newest or days, which ones would expire by this setting.',
    params: z.object({ name: Name }),
    query: RetentionQuery,
    response: ModelRetention,
    problems: [404],
  },
  ({ params: { name }, query }, { world }) => readRetention(name, world, query),
);
