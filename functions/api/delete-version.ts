import { z } from 'zod';
import { ModelRecord } from '../../lib/contracts/model-record.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { deleteVersion as remove } from '../../lib/models/delete-model.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const deleteVersion = route(
  {
    method: 'DELETE',
    path: '/v1/models/{name}/versions/{version}',
    about: 'Deletes a version to which no alias other than latest points.',
    params: z.object({ name: Name, version: VersionNumber }),
    response: ModelRecord,
    problems: [404, 409],
  },
  async ({ params: { name, version } }, { world }) => presentModel(await remove(name, version, world.store)),
);
