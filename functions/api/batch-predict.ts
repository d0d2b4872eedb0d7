import { z } from 'zod';
import { BatchPredictBody } from '../../lib/contracts/http.ts';
import { AnyJob } from '../../lib/contracts/job.ts';
import { ModelRef } from '../../lib/contracts/names.ts';
import { findVersion } from '../../lib/datasets/dataset-store.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import { route } from './route.ts';

/** What model and data set mean is settled now: an alias that moves later changes nothing. */
export const batchPredict = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/batch-predictions',
    about: 'Asks a model about every image of a data set, or below a prefix of the store, as a job.',
    params: z.object({ ref: ModelRef }),
    body: BatchPredictBody,
    status: 202,
    response: AnyJob,
    problems: [404, 409],
    idempotency: 'job',
  },
  async ({ params, body: { dataset, ...wishes }, idempotencyKey }, { world }) => {
    const { name, version } = await resolveModel(world.store, params.ref);
    const images = dataset === undefined ? undefined : await findVersion(dataset, world.store);
    const pinned = images && { dataset: `${images.name}@${images.digest}` };
    const spec = { name, version: version.version, ...pinned, ...wishes };
    return createJob({ kind: 'batch-predict', spec }, idempotencyKey, world);
  },
);
