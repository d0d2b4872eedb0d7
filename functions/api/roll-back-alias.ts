import { z } from 'zod';
import { AliasRecord } from '../../lib/contracts/model-http.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { rollBack } from '../../lib/models/aliases.ts';
import { route } from './route.ts';

export const rollBackAlias = route(
  {
    method: 'POST',
    path: '/v1/models/{name}/aliases/{alias}/rollback',
    about: 'Points an alias back to its previous version.',
    params: z.object({ name: Name, alias: Alias }),
    response: AliasRecord,
    problems: [404, 409],
  },
  ({ params, newId }, { world }) => rollBack(world.store, { ...params, at: world.clock.now() }, newId('rollback')),
);
