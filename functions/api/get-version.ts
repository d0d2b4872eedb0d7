import { z } from 'zod';
import { ModelVersionDetails } from '../../lib/contracts/model-http.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { readCard } from '../../lib/models/model-package.ts';
import { readVersion } from '../../lib/models/registry.ts';
import { presentCard } from './present/present-model.ts';
import { route } from './route.ts';

export const getVersion = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}',
    about: 'Returns a version of a model with its card: how it was made, and its metrics.',
    params: z.object({ name: Name, version: VersionNumber }),
    response: ModelVersionDetails,
    problems: [404],
  },
  async ({ params: { name, version } }, { world: { store } }) => {
    const found = await readVersion(name, version, store);
    return { ...found, model: name, card: presentCard(await readCard(found, store)) };
  },
);
