import { expect, it } from 'vitest';
import { labelServer } from '../../../console/labelling/label-server.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, importTwo } from '../../support/api.ts';

it('reads the labels of many images in one request for a thousand', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const requests: string[] = [];
  const client = createClient((request) => {
    requests.push(request.url);
    return api(request);
  });
  const { images } = await client.datasets.images('two', { limit: 20 });
  const [first, ...others] = images.map(({ path }) => path);
  await client.datasets.setLabels('two', { labels: [{ image: first!, labels: null }] });
  requests.length = 0;
  const gone = Array.from({ length: 1_500 }, (_, number) => `gone/${number}.png`);
  const labels = await labelServer(client, 'two').labelsOf([...others, ...gone, first!]);
  expect(labels).toEqual(new Map(images.map((image) => [image.path, image.path === first ? null : image.labels])));
  expect(requests).toEqual(['/v1/datasets/two/labels/read', '/v1/datasets/two/labels/read']);
});
