import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { readStoredImages } from '../../../../lib/datasets/files/read-images.ts';
import { DataError } from '../../../../lib/errors.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';

const decoded = vi.hoisted(() => ({ running: 0, most: 0 }));

/** Images of the largest accepted size, which decode as a pixel. */
vi.mock('../../../../lib/images/decode-image.ts', () => ({
  decodeImage: async (_: Uint8Array, { maxPixels = 50e6 } = {}) => {
    if (maxPixels < 50e6) throw new DataError('IMAGE_TOO_LARGE', {});
    decoded.most = Math.max(decoded.most, ++decoded.running);
    await nextTurn();
    decoded.running--;
    return { width: 1, height: 1, data: new Uint8Array(3) };
  },
}));

test('images of the largest size are decoded one at a time, so that their pixels fit the memory', async () => {
  const store = { getRange: async () => new Uint8Array() };
  const names = Array.from({ length: 8 }, (_, index) => `${index}`);
  const images = await readStoredImages(names, { inputSize: [2, 2] }, store as unknown as ObjectStore);
  expect(images).toHaveLength(8);
  expect(decoded.most).toBe(1);
});
