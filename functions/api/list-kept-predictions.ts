import { z } from 'zod';
import { KeptPredictionList, KeptPredictionQuery } from '../../lib/contracts/kept-predictions.ts';
import { TrainedModelRef } from '../../lib/contracts/reference.ts';
import { listKeptPredictions as list } from '../../lib/reports/list-kept-predictions.ts';
import { route } from './route.ts';

export const listKeptPredictions = route(
  {
    method: 'GET',
    path: '/v1/models/{ref}/kept-predictions',
    about: 'Lists predictions that a version has kept, with a signed request for each kept image.',
    params: z.object({ ref: TrainedModelRef }),
    query: KeptPredictionQuery,
    response: KeptPredictionList,
    problems: [404],
  },
  ({ params: { ref }, query }, { world }) => list(ref, query, world),
);
