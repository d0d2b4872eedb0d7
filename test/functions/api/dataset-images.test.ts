import { expect, test } from 'vitest';
import { createClient } from '../../../lib/client/client.ts';
import type { ImageFilter } from '../../../lib/client/dataset-methods.ts';
import { NotFoundError } from '../../../lib/errors.ts';
import { apiSystem, importTwo } from '../../support/api.ts';

/** A data set with five red and five blue images. */
async function opened() {
  const { api, world } = apiSystem();
  await importTwo(world);
  return createClient(api);
}

test('the images of a version come by path, in pages, with the bytes that were uploaded', async () => {
  const client = await opened();
  const paths: string[] = [];
  for (let after: string | undefined; ; ) {
    const { images, next } = await client.datasets.images('two', { limit: 4, after });
    paths.push(...images.map(({ path }) => path));
    if (next === undefined) break;
    after = next;
  }
  expect(paths).toHaveLength(10);
  expect(paths).toEqual(paths.toSorted());
  const { images } = await client.datasets.images('two:latest', { limit: 1 });
  const [image] = images;
  expect(image).toMatchObject({ path: 'blue/10.png', labels: ['blue'], width: 10, height: 16 });
  const bytes = await client.fetchFile({ request: image!.request! });
  expect([...bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')]);
});

test('a label selects its images', async () => {
  const client = await opened();
  const { images, next } = await client.datasets.images('two', { label: 'red', limit: 5 });
  expect(images.map(({ labels }) => labels)).toEqual(Array.from({ length: 5 }, () => ['red']));
  expect(next).toBeUndefined();
  expect((await client.datasets.images('two', { label: 'green' })).images).toEqual([]);
});

test('a path that the version lacks still continues in the order of paths', async () => {
  const client = await opened();
  const { images } = await client.datasets.images('two', { after: 'blue/9999.png', limit: 1 });
  expect(images[0]).toMatchObject({ labels: ['red'] });
});

test('a data set that does not exist has no images', async () => {
  const client = await opened();
  await expect(client.datasets.images('three')).rejects.toThrow(NotFoundError);
});

test('rows select images, of all or of one label, in pages', async () => {
  const client = await opened();
  const pathsOf = async (filter: ImageFilter) => (await client.datasets.images('two', filter)).images.map(({ path }) => path);
  const all = await pathsOf({ limit: 10 });
  expect(await pathsOf({ rows: [7, 0, 12] })).toEqual([all[0], all[7]]);
  expect(await pathsOf({ rows: [1], label: 'red' })).toEqual(all.filter((path) => path.startsWith('red/')).slice(1, 2));
  expect(await pathsOf({ rows: [0, 1], after: all[3] })).toEqual(all.slice(4, 6));
  expect(await client.datasets.images('two', { rows: [2, 3, 4], limit: 2 })).toMatchObject({
    images: [{ path: all[2] }, { path: all[3] }],
    next: all[3],
  });
});
