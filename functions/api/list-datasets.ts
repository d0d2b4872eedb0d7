import { DatasetList } from '../../lib/contracts/dataset-http.ts';
import { fitPage } from '../../lib/contracts/fit-response.ts';
import { PageQuery } from '../../lib/contracts/http.ts';
import { listDatasets as list } from '../../lib/datasets/versions/dataset-store.ts';
import { presentDataset } from './present/present-dataset.ts';
import { route } from './route.ts';

export const listDatasets = route(
  { method: 'GET', path: '/v1/datasets', about: 'Lists the data sets, by name.', query: PageQuery, response: DatasetList },
  async ({ query }, { world }) => {
    const { datasets, next } = await list(world.store, query);
    const { items, ...page } = fitPage(datasets.map(presentDataset), next, ({ name }) => name);
    return { datasets: items, ...page };
  },
);
