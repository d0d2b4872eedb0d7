import { z } from 'zod';
import { DeletedDataset } from '../../lib/contracts/dataset-http.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { deleteDataset as remove } from '../../lib/datasets/versions/delete-dataset.ts';
import { requireNoJobOn } from '../../lib/jobs/jobs-on-dataset.ts';
import { route } from './route.ts';

export const deleteDataset = route(
  {
    method: 'DELETE',
    path: '/v1/datasets/{id}',
    about:
      'Deletes a data set with all its versions, or one version by NAME@DIGEST; its images go afterwards, but for those ' +
      'that others have or an upload names.',
    params: z.object({ id: DatasetRef }),
    status: 202,
    response: DeletedDataset,
    problems: [404, 409],
  },
  async ({ params: { id } }, { world }) => {
    await requireNoJobOn(id, world.store);
    return remove(id, world);
  },
);
