import { expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, importTwo } from '../../support/api.ts';

test('a training leaves images without a label out, and is refused while too few have one', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const client = createClient(api);
  const { images } = await client.datasets.images('two', { limit: 10 });
  const spec = { name: 'two', dataset: 'two', effort: 'fast' as const };
  const taken = images.slice(0, 4).map(({ path }) => ({ image: path, labels: null }));
  const { digest } = await client.datasets.setLabels('two', { labels: taken });
  expect((await client.datasets.get('two')).warnings.map(({ code }) => code)).toContain('IMAGES_UNLABELLED');
  await expect(client.estimate(spec)).rejects.toMatchObject({
    code: 'LABELS_TOO_FEW',
    received: '6 of 10 images labelled: 1 "blue", 5 "red"',
  });
  const given = taken.slice(1).map(({ image }) => ({ image, labels: ['blue'] }));
  const after = await client.datasets.setLabels('two', { base: digest, labels: given });
  expect(await client.estimate(spec)).toMatchObject({ spec: { dataset: `two@${after.digest}` } });
});

test('a label is confirmed, and an image without a label is not', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const client = createClient(api);
  const { images } = await client.datasets.images('two', { limit: 1 });
  const [{ path, labels } = { path: '', labels: [] }] = images;
  await client.datasets.setLabels('two', { labels: [{ image: path, labels, confirmed: true }] });
  expect((await client.datasets.images('two', { limit: 1 })).images).toMatchObject([{ path, labels, confirmed: true }]);
  const nothing = client.datasets.setLabels('two', { labels: [{ image: path, labels: null, confirmed: true }] });
  await expect(nothing).rejects.toMatchObject({ code: 'REQUEST_INVALID', at: 'labels.0.labels' });
});

test('a repeated request makes one version', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const client = createClient(api);
  const { digest: base } = await client.datasets.get('two');
  const { images } = await client.datasets.images('two', { limit: 1 });
  const labels = images.map(({ path }) => ({ image: path, labels: ['green'] }));
  const first = await client.datasets.setLabels('two', { base, labels }, 'the-same-key');
  expect(await client.datasets.setLabels('two', { base, labels }, 'the-same-key')).toEqual(first);
  expect((await client.datasets.versions('two')).versions).toHaveLength(2);
});
