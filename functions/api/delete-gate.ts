import { z } from 'zod';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { deleteGate as remove } from '../../lib/models/gates.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const deleteGate = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}/aliases/{alias}/gate',
    about: 'Removes the gate of an alias.',
    params: z.object({ name: Name, alias: Alias }),
    response: ModelRecord,
    problems: [404],
  },
  async ({ params: { name, alias } }, { world }) => presentModel(await remove(name, alias, world.store)),
);
