import { expect, test, vi } from 'vitest';
import { checkInterleavings } from '../support/simulation/check-interleavings.ts';

// What an image shows is not what this is about.
vi.mock('../../lib/images/decode-image.ts', () => ({
  decodeImage: async () => ({ width: 1, height: 1, data: new Uint8Array(3) }),
}));
vi.mock('../../lib/images/perceptual-hash.ts', () => ({ perceptualHash: () => undefined }));
vi.mock('../../lib/datasets/duplicates/find-duplicates.ts', () => ({ findDuplicates: () => [] }));

/** GRAFT_INTERLEAVINGS: how many. */
const RUNS = Number(process.env.GRAFT_INTERLEAVINGS ?? 10_000);

test(`no version lacks an image in any of ${RUNS} interleavings, and nothing is left at the end`, {
  timeout: 7_200_000,
}, async () => {
  await expect(checkInterleavings(RUNS)).resolves.toBeUndefined();
});
