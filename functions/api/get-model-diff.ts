import { ModelDiff, ModelDiffQuery } from '../../lib/contracts/model-diff.ts';
import { diffModels } from '../../lib/reports/diff-models.ts';
import { route } from './route.ts';

export const getModelDiff = route(
  {
    method: 'GET',
    path: '/v1/model-diff',
    about: 'Compares two model versions on the images that both were evaluated on.',
    query: ModelDiffQuery,
    response: ModelDiff,
    problems: [404, 409],
  },
  ({ query: { before, after } }, { world }) => diffModels(before, after, world.store),
);
