import { z } from 'zod';
import { Name } from '../../lib/contracts/names.ts';
import { ModelRetention } from '../../lib/contracts/retention.ts';
import { endRetention } from '../../lib/retention/set-retention.ts';
import { route } from './route.ts';

export const deleteRetention = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}/retention',
    about: 'Keeps all versions of a model from now on.',
    params: z.object({ name: Name }),
    response: ModelRetention,
    problems: [404],
  },
  ({ params: { name } }, { world }) => endRetention(name, world),
);
