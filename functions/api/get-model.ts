import { z } from 'zod';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { Name } from '../../lib/contracts/names.ts';
import { readModel } from '../../lib/models/registry.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const getModel = route(
  {
    method: 'GET',
    path: '/v1/models/{name}',
    about: 'Returns a model with its versions and aliases.',
    params: z.object({ name: Name }),
    response: ModelRecord,
    problems: [404],
  },
  async ({ params }, { world }) => presentModel(await readModel(params.name, world.store)),
);
