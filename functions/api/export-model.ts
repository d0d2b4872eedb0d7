import { z } from 'zod';
import { ExportJob } from '../../lib/contracts/job.ts';
import { ExportBody } from '../../lib/contracts/model-export.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { createJob } from '../../lib/jobs/submit-job.ts';
import { checkExport } from '../../lib/model-exports/check-export.ts';
import { readExportedCard, storedPackage } from '../../lib/model-exports/read-exported-model.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import { route } from './route.ts';

export const exportModel = route(
  {
    method: 'POST',
    path: '/v1/models/{ref}/exports',
    about: 'Exports a model to run elsewhere, without Graft, as a job whose only file is a zip archive.',
    params: z.object({ ref: ModelRef }),
    body: ExportBody,
    status: 202,
    response: ExportJob,
    problems: [404, 422],
    idempotency: 'job',
  },
  async ({ params: { ref }, body, newId }, { world }) => {
    const { store } = world;
    const found = await resolveModel(ref, store);
    const { name, version } = found;
    const card = await readExportedCard(found, storedPackage(found, store));
    checkExport(card, body);
    const dataset = body.precision !== 'float32' && card.dataset !== undefined && { dataset: card.dataset };
    return ExportJob.parse(
      await createJob({ kind: 'export', spec: { name, version: version.version, ...body, ...dataset } }, world, newId('job')),
    );
  },
);
