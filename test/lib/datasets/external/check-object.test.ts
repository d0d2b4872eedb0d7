import { describe, expect, test } from 'vitest';
import type { UploadFile } from '../../../../lib/contracts/dataset.ts';
import { MAX_EXPORT_BYTES, MAX_IMAGE_BYTES } from '../../../../lib/contracts/upload-files.ts';
import { checkObject } from '../../../../lib/datasets/external/check-object.ts';
import { someImages } from '../../../support/datasets/external-images-contract.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';

const [composed, decomposed] = ['été.png'.normalize('NFC'), 'été.png'.normalize('NFD')];
const candidate = { path: composed, bucket: 'photographs', key: composed, otherKeys: [decomposed] };

/** S3 denies access to a key that does not exist, if Graft may list only a prefix of the bucket. */
async function check(denied: readonly string[], present: readonly string[]) {
  const bucket = embeddedBucket('photographs', new Set(denied));
  const { image = new Uint8Array() } = await someImages(['image']);
  for (const key of present) await bucket.put(key, image);
  return checkObject(candidate, bucket.buckets, async () => {});
}

describe('an object whose key may be spelled in several ways', () => {
  test('is found by another spelling if S3 denies access to the first', async () => {
    expect(await check([composed], [decomposed])).toMatchObject({ path: composed, place: { key: decomposed } });
  });

  test.each([
    { of: 'the first spelling', denied: [composed] },
    { of: 'the second spelling', denied: [decomposed] },
    { of: 'both spellings', denied: [composed, decomposed] },
  ])('is refused as S3_ACCESS_DENIED if no spelling is found, and S3 denies access to $of', async ({ denied }) => {
    const refused = { path: composed, code: 'S3_ACCESS_DENIED', message: expect.stringContaining(denied[0] ?? '') };
    expect(await check(denied, [])).toMatchObject(refused);
  });

  test('is missing if no spelling is found', async () => {
    expect(await check([], [])).toMatchObject({ path: composed, code: 'FILE_MISSING' });
  });
});

describe('an object has the limit of a file that is sent', () => {
  const bucket = 'photographs';
  const nothingCopied = async () => expect.unreachable();

  test.each([
    { path: 'cat/film.jpg', most: MAX_IMAGE_BYTES },
    // No import reads labels from a file of this path.
    { path: 'cat/notes.txt', most: MAX_IMAGE_BYTES },
    { path: 'cat/1.json', most: MAX_IMAGE_BYTES },
    { path: 'annotations/instances.json', most: MAX_EXPORT_BYTES },
    { path: 'train/metadata.csv', most: MAX_EXPORT_BYTES },
  ])('$path: $most bytes', async ({ path, most }) => {
    const { buckets } = embeddedBucket(bucket);
    const of = (size: number) => checkObject({ path, bucket, key: path, size }, buckets, nothingCopied);
    const message = expect.stringContaining(`expected at most ${most} bytes, received ${most + 1}`);
    expect(await of(most + 1)).toMatchObject({ code: 'FILE_TOO_LARGE', message });
    // It is read: the bucket has none.
    expect(await of(most)).toMatchObject({ code: 'FILE_MISSING' });
  });

  test('whose size is known once it is read', async () => {
    const { buckets, put } = embeddedBucket(bucket);
    await put('film.jpg', new Uint8Array(MAX_IMAGE_BYTES + 2));
    const message = expect.stringContaining(`received ${MAX_IMAGE_BYTES + 1} or more`);
    const checked = await checkObject({ path: 'film.jpg', bucket, key: 'film.jpg' }, buckets, nothingCopied);
    expect(checked).toMatchObject({ path: 'film.jpg', code: 'FILE_TOO_LARGE', message });
  });
});

test.each([
  ['metadata.csv', true],
  ['train/metadata.jsonl', true],
  ['annotations/all.xml', true],
  ['cat/notes.txt', false],
  ['cat/1.xml', false],
])('of the files that are no images, those that an import may read labels from are copied: %s', async (path, isCopied) => {
  const { buckets, put } = embeddedBucket('photographs');
  await put(path, new TextEncoder().encode('path,label'));
  const copied: UploadFile[] = [];
  await checkObject({ path, bucket: 'photographs', key: path }, buckets, async (file) => void copied.push(file));
  expect(copied.map((file) => file.path)).toEqual(isCopied ? [path] : []);
});
