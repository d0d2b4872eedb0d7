import { expect, test, vi } from 'vitest';
import { checkInterleavings, findWrongInterleaving } from '../support/simulation/check-interleavings.ts';

// What an image shows is not what this is about.
vi.mock('../../lib/images/decode-image.ts', () => ({
  decodeImage: async () => ({ width: 1, height: 1, data: new Uint8Array(3) }),
}));
vi.mock('../../lib/images/perceptual-hash.ts', () => ({ perceptualHash: () => undefined }));
vi.mock('../../lib/datasets/duplicates/find-duplicates.ts', () => ({ findDuplicates: () => [] }));

const mutation = vi.hoisted(() => ({ isSilent: false }));
vi.mock('../../lib/datasets/uploads/running-imports.ts', async (original) => {
  const real = await original<typeof import('../../lib/datasets/uploads/running-imports.ts')>();
  const resendLostImports: typeof real.resendLostImports = (world) => {
    const imports = { ...world.queues.imports, send: async () => {} };
    return real.resendLostImports(mutation.isSilent ? { ...world, queues: { ...world.queues, imports } } : world);
  };
  return { ...real, resendLostImports };
});

/** GRAFT_INTERLEAVINGS: how many. */
const RUNS = Number(process.env.GRAFT_INTERLEAVINGS ?? 10_000);

test(`no version lacks an image in any of ${RUNS} interleavings, and nothing is left at the end`, {
  timeout: 7_200_000,
}, async () => {
  await expect(checkInterleavings(RUNS)).resolves.toBeUndefined();
});

test('within 200 interleavings, one has an import whose message is lost and not sent again', async () => {
  mutation.isSilent = true;
  expect(await findWrongInterleaving(200, 1)).toMatch(
    /^Error: seed \d+, step \d+: upload-\S+ is IMPORTING, and nobody works on it/,
  );
});
