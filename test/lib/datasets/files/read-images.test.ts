import { setImmediate } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { blobKey } from '../../../../lib/datasets/files/blob-key.ts';
import { READ_AHEAD, readStoredImage, streamStoredImages } from '../../../../lib/datasets/files/read-images.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';

test('images are read ahead of a slow consumer, and only a few are in work at once', async () => {
  const red = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  let [begun, inWork, most] = [0, 0, 0];
  const store = {
    async getRange() {
      begun++;
      most = Math.max(most, ++inWork);
      await setImmediate();
      inWork--;
      return red;
    },
  };
  const names = Array.from({ length: 3 * READ_AHEAD }, (_, index) => `${index}`);
  const images = streamStoredImages(names, { inputSize: [4, 4] }, store as unknown as ObjectStore)[Symbol.asyncIterator]();
  const first = await images.next();
  expect(first.value?.length).toBe(48);
  await expect.poll(() => begun).toBe(READ_AHEAD);
  let rest = 0;
  while (!(await images.next()).done) rest++;
  expect(rest).toBe(names.length - 1);
  expect(most).toBeLessThanOrEqual(4);
});

test('an image that cannot be decoded is named by its key', async () => {
  const store = { getRange: async () => new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]) };
  const sha256 = 'ab'.repeat(32);
  await expect(readStoredImage(sha256, { inputSize: [4, 4] }, store as unknown as ObjectStore)).rejects.toMatchObject({
    code: 'IMAGE_TRUNCATED',
    at: blobKey(sha256),
  });
});
