import { z } from 'zod';
import { fitPage } from '../../lib/contracts/fit-response.ts';
import { ModelVersionList } from '../../lib/contracts/model-http.ts';
import { Name, VersionNumber } from '../../lib/contracts/names.ts';
import { queryIntegerOr } from '../../lib/contracts/query-number.ts';
import { listModelVersions } from '../../lib/models/registry.ts';
import { route } from './route.ts';

export const listVersions = route(
  {
    method: 'GET',
    path: '/v1/models/{name}/versions',
    about: 'Lists the versions of a model, newest first.',
    params: z.object({ name: Name }),
    query: z.strictObject({ after: VersionNumber.optional(), limit: queryIntegerOr(z.int().min(1).max(1000), 100) }),
    response: ModelVersionList,
    problems: [404],
  },
  async ({ params: { name }, query }, { world }) => {
    const { versions, next } = await listModelVersions(name, world.store, query);
    const { items, ...page } = fitPage(versions, next, ({ version }) => `${version}`);
    return { versions: items, ...page };
  },
);
