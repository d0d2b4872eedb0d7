import { expect, test, vi } from 'vitest';
import { checkInterleavings } from '../../support/simulation/check-interleavings.ts';
import { drawUuid } from '../../support/simulation/drawn-uuids.ts';

// The seed repeats an interleaving only where it draws the ids, too.
vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  randomUUID: () => drawUuid(),
}));
// What an image shows is not what this is about.
vi.mock('../../../lib/images/decode-image.ts', () => ({
  decodeImage: async () => ({ width: 1, height: 1, data: new Uint8Array(3) }),
}));
vi.mock('../../../lib/images/perceptual-hash.ts', () => ({ perceptualHash: () => undefined }));
vi.mock('../../../lib/datasets/duplicates/find-duplicates.ts', () => ({ findDuplicates: () => [] }));

// test/flow runs 10,000.
test('no version ever lacks an image, however uploads, imports, deletions and collections interleave; nothing is left at ' +
  'the end', async () => {
  await expect(checkInterleavings(100)).resolves.toBeUndefined();
}, 300_000);
