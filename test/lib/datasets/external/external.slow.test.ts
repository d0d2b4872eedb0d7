import { describe, expect, it, test } from 'vitest';
import { runImport } from '../../../../lib/datasets/run-import.ts';
import { createUpload } from '../../../../lib/datasets/uploads/upload.ts';
import { limitBuckets, readAllowedBuckets } from '../../../../lib/store/source-buckets.ts';
import { externalImagesContract, someImages } from '../../../support/datasets/external-images-contract.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';
import { testWorld } from '../../../support/world.ts';

externalImagesContract('an embedded bucket', async () => embeddedBucket('photographs'));

test('a prefix is listed a page at a time, and each page goes on behind the last key of the one before', async () => {
  const { image = new Uint8Array() } = await someImages(['image']);
  const keys = Array.from({ length: 2_100 }, (_, number) => `pets/${number % 2 ? 'cat' : 'dog'}/${number}.png`).sort();
  const asked: (string | undefined)[] = [];
  const buckets = limitBuckets([{ bucket: 'photographs', prefix: '' }], {
    async list(_, prefix, { after = '', limit }) {
      expect(prefix).toBe('pets/');
      asked.push(after);
      const rest = keys.filter((key) => key > after);
      return {
        objects: rest.slice(0, limit).map((key) => ({ key, size: image.length, etag: key, modifiedAt: new Date(0) })),
        more: rest.length > limit,
      };
    },
    read: async ({ key }) => ({ body: image, etag: key }),
  });
  const world = { ...testWorld(), buckets };
  const { id } = await createUpload({ name: 'pets', maxRefused: 0, source: 's3://photographs/pets' }, world);
  expect(await runImport(id, world)).toMatchObject({ state: 'READY', report: { accepted: keys.length } });
  expect(asked).toEqual(['', keys[999], keys[1999]]);
});

describe('an object without permission', () => {
  it('is refused with its reason, and imports nothing where there are too many', async () => {
    const bucket = embeddedBucket('photographs', new Set(['pets/cat/1.png']));
    for (const [path, bytes] of Object.entries(await someImages(['cat/1.png', 'cat/2.png', 'dog/1.png', 'dog/2.png'])))
      await bucket.put(`pets/${path}`, bytes);
    const world = { ...testWorld(), buckets: bucket.buckets };
    const importing = async (maxRefused: number) => {
      const { id } = await createUpload({ name: 'pets', maxRefused, source: 's3://photographs/pets' }, world);
      return runImport(id, world);
    };
    expect(await importing(0.2)).toMatchObject({ state: 'FAILED', error: { code: 'TOO_MANY_REFUSED' } });
    expect((await world.store.list('datasets/')).objects).toEqual([]);
    const { report } = await importing(0.25);
    expect(report?.refused).toMatchObject([{ path: 'cat/1.png', code: 'S3_ACCESS_DENIED' }]);
    expect(report?.refused[0]?.message).toContain('s3://photographs/pets/cat/1.png');
  });
});

describe('GRAFT_SOURCE_BUCKETS', () => {
  test.each([
    ['', []],
    ['photos', [{ bucket: 'photos', prefix: '' }]],
    [
      'photos, archive/a b/2024',
      [
        { bucket: 'photos', prefix: '' },
        { bucket: 'archive', prefix: 'a b/2024/' },
      ],
    ],
    ['archive/x/', [{ bucket: 'archive', prefix: 'x/' }]],
  ])('%j names buckets and prefixes', (text, allowed) => {
    expect(readAllowedBuckets(text)).toEqual(allowed);
  });

  test.each(['*', 'photos*', 's3://photos', 'photos/*', 'photos/a?', 'Photos', 'photos/$' + '{aws:username}'])(
    'refuses %j',
    (text) => {
      expect(() => readAllowedBuckets(text)).toThrow(expect.objectContaining({ code: 'SOURCE_BUCKETS_INVALID' }));
    },
  );
});
