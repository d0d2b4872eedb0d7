import { z } from 'zod';
import { BatchPredictBody } from '../../lib/contracts/http.ts';
import { AnyJob } from '../../lib/contracts/job.ts';
import { ModelRef } from '../../lib/contracts/names.ts';
import { imagesBelow } from '../../lib/jobs/batch-images.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { pinDataset, pinModel } from './pin.ts';
import { route } from './route.ts';

export const batchPredict = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/batch-predictions',
    about: 'Asks a model about every image of a data set, or below a prefix of the store or of S3, as a job.',
    params: z.object({ ref: ModelRef }),
    body: BatchPredictBody,
    status: 202,
    response: AnyJob,
    problems: [403, 404, 409],
    idempotency: 'job',
  },
  async ({ params, body: { dataset, prefix, ...wishes }, newId }, { world, ownBucket = 'graft' }) => {
    const model = await pinModel(params.ref, world.store);
    const images =
      prefix === undefined
        ? { dataset: dataset && (await pinDataset(dataset, world.store)) }
        : imagesBelow(prefix, { ownBucket, buckets: world.buckets });
    return createJob({ kind: 'batch-predict', spec: { ...model, ...images, ...wishes } }, newId('job'), world);
  },
);
