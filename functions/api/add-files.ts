import { z } from 'zod';
import { AddedFiles, AddFiles } from '../../lib/contracts/dataset-http.ts';
import { UploadId } from '../../lib/contracts/names.ts';
import { addFiles as add } from '../../lib/datasets/uploads/upload.ts';
import { route } from './route.ts';

export const addFiles = route(
  {
    method: 'POST',
    path: '/v1/datasets/{id}/files',
    about: 'Adds up to 1,000 files, and returns a signed request for each file that the store lacks.',
    params: z.object({ id: UploadId }),
    body: AddFiles,
    response: AddedFiles,
    problems: [404, 409],
  },
  ({ params, body }, { world }) => add(params.id, body.files, world),
);
