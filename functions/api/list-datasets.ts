import { DatasetList, PageQuery } from '../../lib/contracts/http.ts';
import { listDatasets as list } from '../../lib/datasets/dataset-store.ts';
import { route } from './route.ts';

export const listDatasets = route(
  { method: 'GET', path: '/v1/datasets', about: 'The data sets, by name.', query: PageQuery, response: DatasetList },
  ({ query }, { world }) => list(world.store, query),
);
