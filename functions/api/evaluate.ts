import { z } from 'zod';
import { EvaluateBody } from '../../lib/contracts/http.ts';
import { AnyJob } from '../../lib/contracts/job.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { checkEvaluation } from '../../lib/inference/check-evaluation.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { pinDataset, pinModel } from './pin.ts';
import { route } from './route.ts';

export const evaluate = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/evaluations',
    about: 'Evaluates a model on a data set, as a job.',
    params: z.object({ ref: ModelRef }),
    body: EvaluateBody,
    status: 202,
    response: AnyJob,
    problems: [404, 409],
    idempotency: 'job',
  },
  async ({ params, body, newId }, { world }) => {
    const model = await pinModel(params.ref, world.store);
    const spec = { ...model, dataset: await pinDataset(body.dataset, world.store) };
    await checkEvaluation(spec, world.store);
    return createJob({ kind: 'evaluate', spec }, world, newId('job'));
  },
);
