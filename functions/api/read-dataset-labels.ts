import { z } from 'zod';
import { ImageLabels, ReadLabels } from '../../lib/contracts/dataset-http.ts';
import { fitPage } from '../../lib/contracts/fit-response.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { readLabels } from '../../lib/labelling/read-labels.ts';
import { route } from './route.ts';

/** A POST, because a thousand paths do not fit into an address. It changes nothing. */
export const readDatasetLabels = route(
  {
    method: 'POST',
    path: '/v1/datasets/{id}/labels/read',
    about: 'Returns the labels of up to 1,000 images of a data set version, by their paths.',
    params: z.object({ id: DatasetRef }),
    body: ReadLabels,
    response: ImageLabels,
    problems: [404],
    idempotency: 'none',
  },
  async ({ params: { id }, body }, { world }) => {
    const { images, ...version } = await readLabels(id, body, world.store);
    const { items, ...page } = fitPage(images, undefined, ({ path }) => path);
    return { ...version, images: items, ...page };
  },
);
