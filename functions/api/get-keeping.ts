import { z } from 'zod';
import { ModelKeeping } from '../../lib/contracts/keeping.ts';
import { Name } from '../../lib/contracts/names.ts';
import { readKeeping } from '../../lib/models/keeping.ts';
import { route } from './route.ts';

export const getKeeping = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/keeping',
    about: 'Returns which of its predictions a model keeps; null if none.',
    params: z.object({ name: Name }),
    response: ModelKeeping,
    problems: [404],
  },
  ({ params: { name } }, { world }) => readKeeping(name, world),
);
