import { z } from 'zod';
import { ModelVersionDetails } from '../../lib/contracts/model.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { linkReportPage } from '../../lib/models/link-files.ts';
import { readCard } from '../../lib/models/model-package.ts';
import { readVersion } from '../../lib/models/registry.ts';
import { presentCard } from './present/present-model.ts';
import { route } from './route.ts';

export const getVersion = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/versions/{version}',
    about: 'Returns a version of a model with its card: how it was made, and its metrics. Links to its report.',
    params: z.object({ name: Name, version: VersionNumber }),
    response: ModelVersionDetails,
    problems: [404],
  },
  async ({ params: { name, version } }, { world }) => {
    const found = await readVersion(world.store, name, version);
    const card = presentCard(await readCard(world.store, found));
    const reportPage = await linkReportPage(found.package, world);
    return { ...found, model: name, card, ...(reportPage && { reportPage }) };
  },
);
