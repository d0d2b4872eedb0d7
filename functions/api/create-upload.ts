import { UploadRecord } from '../../lib/contracts/dataset.ts';
import { CreateUpload } from '../../lib/contracts/dataset-http.ts';
import { createUpload as create } from '../../lib/datasets/uploads/upload.ts';
import { presentUpload } from './present/present-dataset.ts';
import { route } from './route.ts';

export const createUpload = route(
  {
    method: 'POST',
    path: '/v1/datasets',
    about: 'Starts an upload of labelled images, or an import of images that stay in S3.',
    body: CreateUpload,
    status: 201,
    response: UploadRecord,
    problems: [403],
  },
  async ({ body, newId }, { world }) => presentUpload(await create(body, world, newId('upload'))),
);
