import { z } from 'zod';
import { LabelledVersion, SetLabels } from '../../lib/contracts/dataset-http.ts';
import { Name } from '../../lib/contracts/names.ts';
import { setLabels } from '../../lib/datasets/set-labels.ts';
import { route } from './route.ts';

/** Of two requests that name the same base, one makes a version, and the other gets 409. */
export const setDatasetLabels = route(
  {
    method: 'POST',
    path: '/v1/datasets/{id}/labels',
    about: 'Sets labels of images, as a new version of the data set that shares all images with the latest one.',
    params: z.object({ id: Name }),
    body: SetLabels,
    response: LabelledVersion,
    problems: [404, 409],
  },
  ({ params: { id }, body }, { world }) => setLabels(id, body, world),
);
