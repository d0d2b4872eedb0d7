import { fitPage } from '../../lib/contracts/fit-response.ts';
import { ModelList, PageQuery } from '../../lib/contracts/http.ts';
import { listModels as list } from '../../lib/models/registry.ts';
import { presentModel } from './present/present-model.ts';
import { route } from './route.ts';

export const listModels = route(
  { method: 'GET', path: '/v1/models', about: 'Lists the models, by name.', query: PageQuery, response: ModelList },
  async ({ query }, { world }) => {
    const { models, next } = await list(world.store, query);
    const { items, ...page } = fitPage(models.map(presentModel), next, ({ name }) => name);
    return { models: items, ...page };
  },
);
