import { z } from 'zod';
import { Name } from '../../lib/contracts/names.ts';
import { ModelRetention, Retention } from '../../lib/contracts/retention.ts';
import { setRetention as set } from '../../lib/retention/set-retention.ts';
import { route } from './route.ts';

export const setRetention = route(
  {
    method: 'PUT',
    path: '/v1/models/{name}/retention',
    about: 'Sets which versions of a model stay. The next daily collection removes the others, unless something uses them.',
    params: z.object({ name: Name }),
    body: Retention,
    response: ModelRetention,
    problems: [404],
  },
  ({ params: { name }, body }, { world }) => set(name, body, world),
);
