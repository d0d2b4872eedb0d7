import { ModelList, PageQuery } from '../../lib/contracts/http.ts';
import { listModels as list } from '../../lib/models/registry.ts';
import { route } from './route.ts';

export const listModels = route(
  { method: 'GET', path: '/v1/models', about: 'The models, by name.', query: PageQuery, response: ModelList },
  ({ query }, { world }) => list(world.store, query),
);
