import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { requireImages } from '../../../lib/datasets/require-images.ts';
import type { ObjectHead } from '../../../lib/ports.ts';

const PAGE = 1000;

it.each([
  { wanted: 300, others: 0, requests: { list: 0, head: 300 }, why: 'few images are requested one by one' },
  { wanted: 2000, others: 0, requests: { list: 2, head: 0 }, why: 'a store of little else is listed' },
  { wanted: 2000, others: 3500, requests: { list: 6, head: 0 }, why: 'also one with some other images' },
  { wanted: 2000, others: 10_000, requests: { list: 1, head: 2000 }, why: 'one of many others is not listed to its end' },
])('$why', async ({ wanted, others, requests }) => {
  const store = storeOf(wanted + others);
  await requireImages(rowsUpTo(wanted), store);
  expect(store.requests).toEqual(requests);
});

it.each([300, 2000])('names missing ones among %i images', async (wanted) => {
  const store = storeOf(wanted);
  store.remove(7);
  store.remove(9);
  await expect(requireImages(rowsUpTo(wanted), store)).rejects.toMatchObject({
    code: 'IMAGES_MISSING',
    received: ['7.jpg', '9.jpg'],
  });
});

it('requests an image that several rows have once', async () => {
  const store = storeOf(3);
  await requireImages([...rowsUpTo(3), ...rowsUpTo(3)], store);
  expect(store.requests).toEqual({ list: 0, head: 3 });
});

/** Images with the hashes of 0, 1, 2 and so on, and how often they were listed and requested. */
function storeOf(images: number) {
  const keys = new Set(Array.from({ length: images }, (_, image) => blobKey(hashOf(image))));
  const headOf = (key: string): ObjectHead => ({ key, size: 1, etag: 'x', modifiedAt: new Date(0) });
  const requests = { list: 0, head: 0 };
  return {
    requests,
    remove: (image: number) => keys.delete(blobKey(hashOf(image))),
    async head(key: string) {
      requests.head++;
      return keys.has(key) ? headOf(key) : undefined;
    },
    async list(prefix: string, { after = '' } = {}) {
      requests.list++;
      const rest = [...keys].filter((key) => key.startsWith(prefix) && key > after).sort();
      return { objects: rest.slice(0, PAGE).map(headOf), more: rest.length > PAGE };
    },
  };
}

function rowsUpTo(count: number) {
  return Array.from({ length: count }, (_, image) => ({
    path: `${image}.jpg`,
    sha256: hashOf(image),
    width: 1,
    height: 1,
    labels: ['a'],
  }));
}

function hashOf(image: number): string {
  return createHash('sha256').update(String(image)).digest('hex');
}
