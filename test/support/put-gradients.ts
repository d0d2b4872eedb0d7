import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import type { ObjectStore } from '../../lib/ports.ts';

/** Stores three gradients, which no change leaves as they are. @returns their SHA-256 */
export async function putGradients(store: ObjectStore): Promise<string[]> {
  const images: string[] = [];
  for (const step of [3, 5, 7]) {
    const pixels = Buffer.from(Array.from({ length: 40 * 40 * 3 }, (_, i) => (i * step) % 251));
    const bytes = await sharp(pixels, { raw: { width: 40, height: 40, channels: 3 } })
      .png()
      .toBuffer();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await store.put(blobKey(sha256), bytes);
    images.push(sha256);
  }
  return images;
}
