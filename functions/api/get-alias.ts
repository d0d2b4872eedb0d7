import { z } from 'zod';
import { AliasRecord } from '../../lib/contracts/model-http.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { readAlias } from '../../lib/models/aliases.ts';
import { route } from './route.ts';

export const getAlias = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/aliases/{alias}',
    about: 'Returns the version that an alias points to, and its previous versions.',
    params: z.object({ name: Name, alias: Alias }),
    response: AliasRecord,
    problems: [404],
  },
  ({ params: { name, alias } }, { world }) => readAlias(name, alias, world.store),
);
