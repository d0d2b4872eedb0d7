import { z } from 'zod';
import { EvaluateBody } from '../../lib/contracts/http.ts';
import { AnyJob } from '../../lib/contracts/job.ts';
import { ModelRef } from '../../lib/contracts/names.ts';
import { findVersion } from '../../lib/datasets/dataset-store.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import { route } from './route.ts';

export const evaluate = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/evaluations',
    about: 'Measures a model on a data set, as a job.',
    params: z.object({ ref: ModelRef }),
    body: EvaluateBody,
    status: 202,
    response: AnyJob,
    problems: [404, 409],
    idempotency: 'job',
  },
  async ({ params, body, idempotencyKey }, { world }) => {
    const { name, version } = await resolveModel(world.store, params.ref);
    const images = await findVersion(body.dataset, world.store);
    const spec = { name, version: version.version, dataset: `${images.name}@${images.digest}` };
    return createJob({ kind: 'evaluate', spec }, idempotencyKey, world);
  },
);
