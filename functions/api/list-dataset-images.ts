import { z } from 'zod';
import { DatasetImageList, DatasetImageQuery } from '../../lib/contracts/dataset-http.ts';
import { fitPage } from '../../lib/contracts/fit-response.ts';
import { DatasetRef } from '../../lib/contracts/reference.ts';
import { listImages } from '../../lib/datasets/versions/list-images.ts';
import { route } from './route.ts';

export const listDatasetImages = route(
  {
    method: 'GET',
    path: '/v1/datasets/{id}/images',
    about: 'Lists the images of a data set version with their labels, and a signed request for each file.',
    params: z.object({ id: DatasetRef }),
    query: DatasetImageQuery,
    response: DatasetImageList,
    problems: [404],
  },
  async ({ params: { id }, query }, { world }) => {
    const { images, next, expiresAt } = await listImages(id, world, query);
    const { items, ...page } = fitPage(images, next, ({ path }) => path);
    return { images: items, expiresAt, ...page };
  },
);
