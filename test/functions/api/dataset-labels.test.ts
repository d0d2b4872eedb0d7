import { expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import { tabulateRows } from '../../../lib/datasets/tables/row-table.ts';
import { apiSystem, importTwo } from '../../support/api.ts';
import { enterRows } from '../../support/datasets/put-dataset.ts';

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

test('labels are read by exact paths, of any version, in pages where they are long', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const client = createClient(api);
  const long = Array.from({ length: 5 }, (_, number) => `${number}`.repeat(1_000));
  async function* rows() {
    for (const path of Array.from({ length: 2_000 }, (_, number) => `scans/${number + 1}`).sort())
      yield { path, sha256: '0'.repeat(64), labels: long, width: 1, height: 1 };
  }
  const digest = await enterRows('scans', await tabulateRows(rows()), world);
  const one = await client.datasets.labels('scans', ['scans/2', 'scans', 'scans/2001']);
  expect(one).toEqual({ dataset: 'scans', digest, images: [{ path: 'scans/2', labels: long }] });
  const wanted = Array.from({ length: 1_000 }, (_, number) => `scans/${2 * number + 1}`);
  const paths: string[] = [];
  let pages = 0;
  for (let after: string | undefined; ; pages++) {
    const { images, next } = await client.datasets.labels(`scans@${digest}`, wanted, { after });
    paths.push(...images.map(({ path }) => path));
    if (next === undefined) break;
    after = next;
  }
  expect(paths).toEqual(wanted.toSorted());
  expect(pages).toBeGreaterThan(0);
  await expect(client.datasets.labels('none', ['a'])).rejects.toMatchObject({ httpStatus: 404 });
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
