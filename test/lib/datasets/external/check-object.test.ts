import { describe, expect, test } from 'vitest';
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
