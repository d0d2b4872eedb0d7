import { z } from 'zod';
import { EvaluatedImageList, EvaluatedImageQuery } from '../../lib/contracts/evaluated-images.ts';
import { TrainedModelRef } from '../../lib/contracts/reference.ts';
import { listEvaluatedImages as list } from '../../lib/reports/list-evaluated-images.ts';
import { route } from './route.ts';

export const listEvaluatedImages = route(
  {
    method: 'GET',
    path: '/v1/models/{ref}/evaluated-images',
    about: 'Lists the images that a version was evaluated on, with its predictions and a signed request for each file.',
    params: z.object({ ref: TrainedModelRef }),
    query: EvaluatedImageQuery,
    response: EvaluatedImageList,
    problems: [404],
  },
  ({ params: { ref }, query }, { world }) => list(ref, query, world),
);
