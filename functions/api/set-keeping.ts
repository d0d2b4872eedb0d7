import { z } from 'zod';
import { Keeping, ModelKeeping } from '../../lib/contracts/keeping.ts';
import { Name } from '../../lib/contracts/names.ts';
import { setKeeping as set } from '../../lib/models/keeping.ts';
import { route } from './route.ts';

export const setKeeping = route(
  {
    method: 'PUT',
    path: '/v1/models/{name}/keeping',
    about: 'Makes a model keep a share of its predictions.',
    params: z.object({ name: Name }),
    body: Keeping,
    response: ModelKeeping,
    problems: [404],
  },
  ({ params: { name }, body }, { world }) => set(name, body, world),
);
