import { expect, it } from 'vitest';
import { labelServer } from '../../../console/label-server.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, importTwo } from '../../support/api.ts';

it('reads the labels of many images in few requests', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const lists: string[] = [];
  const client = createClient((request) => {
    if (request.method === 'GET') lists.push(request.url);
    return api(request);
  });
  const { images } = await client.datasets.images('two', { limit: 20 });
  const [first, ...others] = images.map(({ path }) => path);
  await client.datasets.setLabels('two', { labels: [{ image: first!, labels: null }] });
  lists.length = 0;
  const labels = await labelServer(client, 'two').labelsOf([...others, 'gone.jpg', first!]);
  expect(labels).toEqual(new Map(images.map((image) => [image.path, image.path === first ? null : image.labels])));
  // One for the images that there are, and one for the image that is gone.
  expect(lists).toHaveLength(2);
});
