import { z } from 'zod';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { Name } from '../../lib/contracts/names.ts';
import { deleteModel as remove } from '../../lib/models/delete-model.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const deleteModel = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}',
    about: 'Deletes a model with all its versions; requires versions=all.',
    params: z.object({ name: Name }),
    query: z.strictObject({ versions: z.literal('all') }),
    response: ModelRecord,
    problems: [404, 409],
  },
  async ({ params }, { world }) => presentModel(await remove(params.name, world.store)),
);
