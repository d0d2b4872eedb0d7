import { describe, expect, it } from 'vitest';
import { decodeAll } from '../../../lib/images/decode-all.ts';
import { readImage } from '../../../lib/images/decode-image.ts';
import { readFixture } from '../../support/fixtures.ts';

describe('decodeAll', () => {
  const files = ['plain.jpg', 'alpha.png', 'still.gif', 'one-pixel.png', 'modern.avif', 'gray.jpg'];

  it('gives each item with the pixels of its image, in order', async () => {
    const seen: string[] = [];
    for await (const { item, pixels } of decodeAll(files, { inputSize: [24, 32], load, concurrency: 3 })) {
      seen.push(item);
      expect(pixels).toEqual(await readImage(await load(item), { inputSize: [24, 32] }));
      expect(pixels.length).toBe(24 * 32 * 3);
    }
    expect(seen).toEqual(files);
  });

  it('fails where an image cannot be decoded', async () => {
    const all = decodeAll(['plain.jpg', 'bit-rot.jpg', 'gray.jpg'], { inputSize: [8, 8], load });
    await expect(all.next()).resolves.toMatchObject({ value: { item: 'plain.jpg' } });
    await expect(all.next()).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });
});

function load(file: string): Promise<Uint8Array> {
  return readFixture(`odd-images/${file}`);
}
