import { z } from 'zod';
import { DatasetReport, UploadRecord } from '../../lib/contracts/dataset.ts';
import { UploadId } from '../../lib/contracts/names.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { cutReport } from '../../lib/datasets/report/cut-report.ts';
import { readUpload } from '../../lib/datasets/uploads/upload-record.ts';
import { readReport } from '../../lib/datasets/versions/report-store.ts';
import { presentUpload } from './present/present-dataset.ts';
import { route } from './route.ts';

export const getDataset = route(
  {
    method: 'GET',
    path: '/v1/datasets/{id}',
    about: 'Returns the state of an upload, or the report of a data set by name, name:latest or name@digest.',
    params: z.object({ id: z.union([UploadId, DatasetRef]) }),
    response: z.union([UploadRecord, DatasetReport]),
    problems: [404],
  },
  async ({ params: { id } }, { world }) =>
    UploadId.safeParse(id).success
      ? presentUpload(await readUpload(id, world.store))
      : cutReport(await readReport(id, world.store)),
);
