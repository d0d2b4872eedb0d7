import { z } from 'zod';
import { UploadRecord } from '../../lib/contracts/dataset.ts';
import { CompleteUpload } from '../../lib/contracts/dataset-http.ts';
import { UploadId } from '../../lib/contracts/names.ts';
import { completeUpload as complete } from '../../lib/datasets/uploads/upload.ts';
import { presentUpload } from './present/present-dataset.ts';
import { route } from './route.ts';

export const completeUpload = route(
  {
    method: 'POST',
    path: '/v1/datasets/{id}/complete',
    about: 'Completes an upload after all files were sent, and queues its import.',
    params: z.object({ id: UploadId }),
    body: CompleteUpload,
    status: 202,
    response: UploadRecord,
    problems: [404, 422],
  },
  async ({ params, body }, { world }) => presentUpload(await complete(params.id, body, world)),
);
