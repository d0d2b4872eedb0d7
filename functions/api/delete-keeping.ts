import { z } from 'zod';
import { ModelKeeping } from '../../lib/contracts/keeping.ts';
import { Name } from '../../lib/contracts/names.ts';
import { endKeeping } from '../../lib/models/keeping.ts';
import { route } from './route.ts';

export const deleteKeeping = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}/keeping',
    about: 'Makes a model keep no predictions, and removes those that it has kept.',
    params: z.object({ name: Name }),
    response: ModelKeeping,
    problems: [404],
  },
  ({ params: { name } }, { world }) => endKeeping(name, world),
);
