import { expect, test, vi } from 'vitest';
import { openLocalSourceBuckets } from '../../../lib/local/source-buckets.ts';
import { embeddedBucket } from '../../support/datasets/source-buckets.ts';

const environment = { GRAFT_SOURCE_BUCKETS: 'photos' };
const object = { bucket: 'photos', key: 'a.jpg' };

test('buckets are opened at the first read, once', async () => {
  const { buckets, put } = embeddedBucket('photos');
  await put('a.jpg', Uint8Array.of(1, 2, 3));
  const open = vi.fn(async () => buckets);
  const opened = openLocalSourceBuckets(environment, open);
  expect(() => opened.requireAllowed({ bucket: 'others', key: '' })).toThrow('others');
  expect(open).not.toHaveBeenCalled();
  expect((await opened.read(object, 2))?.body).toEqual(Uint8Array.of(1, 2));
  expect((await opened.list('photos', '', { limit: 10 })).objects.map(({ key }) => key)).toEqual(['a.jpg']);
  expect(open).toHaveBeenCalledOnce();
});

test('after a failure, the next read opens them again', async () => {
  const { buckets, put } = embeddedBucket('photos');
  await put('a.jpg', Uint8Array.of(1));
  const open = vi.fn(async () => buckets).mockRejectedValueOnce(new Error('no SDK'));
  const opened = openLocalSourceBuckets(environment, open);
  await expect(opened.read(object, 1)).rejects.toThrow('no SDK');
  expect((await opened.read(object, 1))?.body).toEqual(Uint8Array.of(1));
});
