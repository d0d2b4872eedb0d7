import { describe, expect, test } from 'vitest';
import { decodeWithinMemory } from '../../../lib/images/decode-within-memory.ts';
import { picture } from '../../support/api.ts';

describe('an image of every size is decoded, however many are at once', () => {
  test('each with its own pixels', async () => {
    const sizes = [10, 1_500, 2_500, 4_500, 6_000, 10, 6_500];
    const files = await Promise.all(sizes.map((width) => picture({ width, height: width })));
    const decoded = await Promise.all(files.map((bytes) => decodeWithinMemory(bytes, ({ width, height }) => [width, height])));
    expect(decoded).toEqual(sizes.map((width) => [width, width]));
  });

  test('and its memory is free once it was used', async () => {
    const kept = await decodeWithinMemory(await picture({ width: 5_000, height: 5_000 }), (image) => image);
    expect(kept.data.byteLength).toBe(0);
  });

  test('one that is beyond the limit of all images is refused', async () => {
    const bytes = await picture({ width: 8_000, height: 8_000 });
    await expect(decodeWithinMemory(bytes, () => 'used')).rejects.toMatchObject({
      code: 'IMAGE_TOO_LARGE',
      received: '8000 x 8000',
    });
  });

  test('what is wrong with one is said, and takes no turn from the next', async () => {
    const large = await picture({ width: 6_000, height: 6_000 });
    const cut = large.slice(0, large.length / 2);
    for (let times = 0; times < 5; times++)
      await expect(decodeWithinMemory(cut, () => 'used')).rejects.toMatchObject({ code: 'IMAGE_TRUNCATED' });
    await expect(decodeWithinMemory(large, () => 'used')).resolves.toBe('used');
  });
});
