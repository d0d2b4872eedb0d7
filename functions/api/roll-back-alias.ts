import { z } from 'zod';
import { AliasRecord, RollBackAlias } from '../../lib/contracts/model-http.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { rollBack } from '../../lib/models/aliases.ts';
import { route } from './route.ts';

export const rollBackAlias = route(
  {
    method: 'POST',
    path: '/v1/models/{name}/aliases/{alias}/rollback',
    about: 'Points an alias back to its previous version; with version or expected, only if that is the expected move.',
    params: z.object({ name: Name, alias: Alias }),
    body: RollBackAlias,
    response: AliasRecord,
    problems: [404, 409, 412],
  },
  ({ params, body: { version, expected }, newId }, { world }) =>
    rollBack({ ...params, at: world.clock.now() }, world.store, newId('rollback'), {
      ...(expected !== undefined && { from: expected }),
      ...(version !== undefined && { to: version }),
    }),
);
