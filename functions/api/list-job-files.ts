import { z } from 'zod';
import { FileList, FilePageQuery } from '../../lib/contracts/file-link.ts';
import { type AnyJob, isTraining } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { outputPrefix } from '../../lib/inference/output-prefix.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { exportPrefix } from '../../lib/models/export-prefix.ts';
import { linkFiles } from '../../lib/models/link-files.ts';
import { route } from './route.ts';

export const listJobFiles = route(
  {
    method: 'GET',
    path: '/v1/jobs/{id}/files',
    about:
      'What a job has put out, with a signed request for each file: the package of a model, the parts of a batch ' +
      'prediction, the whole of an evaluation, the archive of an export.',
    params: z.object({ id: JobId }),
    query: FilePageQuery,
    response: FileList,
    problems: [404],
  },
  async ({ params, query }, { world }) => {
    const job = await readJob(params.id, world.store);
    const prefix = prefixOf(job);
    return prefix === undefined ? { files: [] } : linkFiles(prefix, world, query);
  },
);

function prefixOf(job: AnyJob): string | undefined {
  if (isTraining(job)) return job.result?.package;
  return job.kind === 'export' ? exportPrefix(job.id) : outputPrefix(job.id);
}
