import { z } from 'zod';
import { DatasetVersionList } from '../../lib/contracts/dataset-http.ts';
import { fitPage } from '../../lib/contracts/fit-response.ts';
import { Digest, Name } from '../../lib/contracts/names.ts';
import { queryIntegerOr } from '../../lib/contracts/query-number.ts';
import { listDatasetVersions as list } from '../../lib/datasets/versions/dataset-store.ts';
import { route } from './route.ts';

export const listDatasetVersions = route(
  {
    method: 'GET',
    path: '/v1/datasets/{id}/versions',
    about: 'Lists the versions of a data set, newest first.',
    params: z.object({ id: Name }),
    query: z.strictObject({ after: Digest.optional(), limit: queryIntegerOr(z.int().min(1).max(1000), 100) }),
    response: DatasetVersionList,
    problems: [404],
  },
  async ({ params: { id }, query }, { world }) => {
    const { versions, next } = await list(id, world.store, query);
    const { items, ...page } = fitPage(versions, next, ({ digest }) => digest);
    return { versions: items, ...page };
  },
);
