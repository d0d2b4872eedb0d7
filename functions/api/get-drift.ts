import { z } from 'zod';
import { Drift, DriftQuery } from '../../lib/contracts/drift.ts';
import { TrainedModelRef } from '../../lib/contracts/reference.ts';
import { measureDrift } from '../../lib/reports/measure-drift.ts';
import { route } from './route.ts';

export const getDrift = route(
  {
    method: 'GET',
    path: '/v1/models/{ref}/drift',
    about: 'Compares the predictions that a version has kept with those on the images that it was evaluated on.',
    params: z.object({ ref: TrainedModelRef }),
    query: DriftQuery,
    response: Drift,
    problems: [404, 409],
  },
  ({ params: { ref }, query }, { world }) => measureDrift(ref, query, world),
);
