import { z } from 'zod';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { deleteAlias as remove } from '../../lib/models/aliases.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const deleteAlias = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}/aliases/{alias}',
    about: 'Deletes an alias other than latest; its version stays.',
    params: z.object({ name: Name, alias: Alias }),
    response: ModelRecord,
    problems: [404, 409],
  },
  async ({ params: { name, alias } }, { world }) => presentModel(await remove(name, alias, world.store)),
);
