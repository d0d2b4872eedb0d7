import { z } from 'zod';
import { FileList, FilePageQuery } from '../../lib/contracts/file-link.ts';
import { isTraining } from '../../lib/contracts/job.ts';
import { JobId } from '../../lib/contracts/names.ts';
import { outputPrefix } from '../../lib/inference/output-prefix.ts';
import { readJob } from '../../lib/jobs/job-store.ts';
import { linkFiles } from '../../lib/models/link-files.ts';
import { route } from './route.ts';

export const listJobFiles = route(
  {
    method: 'GET',
    path: '/v1/jobs/{id}/files',
    about:
      'What a job has put out, with a signed request for each file: the package of a model, the parts of a batch ' +
      'prediction, the whole of an evaluation.',
    params: z.object({ id: JobId }),
    query: FilePageQuery,
    response: FileList,
    problems: [404],
  },
  async ({ params, query }, { world }) => {
    const job = await readJob(world.store, params.id);
    const prefix = isTraining(job) ? job.result?.package : outputPrefix(job.id);
    return prefix === undefined ? { files: [] } : linkFiles(prefix, world, query);
  },
);
