import { z } from 'zod';
import { BatchPredictBody } from '../../lib/contracts/http.ts';
import { AnyJob } from '../../lib/contracts/job.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { imagesBelow } from '../../lib/inference/batch-images.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { pinDataset, pinModel } from './pin.ts';
import { route } from './route.ts';

export const batchPredict = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/batch-predictions',
    about: 'Predicts every image of a data set, or below a prefix of the store or of S3, as a job.',
    params: z.object({ ref: ModelRef }),
    body: BatchPredictBody,
    status: 202,
    response: AnyJob,
    problems: [403, 404, 409],
    idempotency: 'job',
  },
  async ({ params, body, newId }, { world, ownBucket = 'graft' }) => {
    const { topK, threshold, abstain, precision } = body;
    const model = await pinModel(params.ref, world.store);
    const images =
      'dataset' in body
        ? { dataset: await pinDataset(body.dataset, world.store) }
        : imagesBelow(body.prefix, { ownBucket, buckets: world.buckets });
    const spec = { ...model, ...images, topK, threshold, abstain, precision };
    return createJob({ kind: 'batch-predict', spec }, world, newId('job'));
  },
);
