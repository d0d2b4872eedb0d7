import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ImportTarget, importWeights } from '../../../../lib/backbones/weights/import-weights.ts';
import { findImportedWeights, findOfficialWeights } from '../../../../lib/backbones/weights/stored-weights.ts';
import { DataError } from '../../../../lib/errors.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const path = fileURLToPath(new URL('../../../fixtures/h5/tiny_plain.h5', import.meta.url));
const bytes = readFileSync(path);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const url = 'https://example.com/official.h5';

function newStore(): ObjectStore {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  onTestFinished(() => store.close());
  return store;
}

const target = (more: Partial<ImportTarget> = {}): ImportTarget => ({ name: 'tiny', files: [], check: () => {}, ...more });

describe('importWeights', () => {
  it.each<{ what: string; file: Parameters<typeof importWeights>[0] }>([
    { what: 'a file', file: path },
    { what: 'bytes', file: { name: 'tiny_plain.h5', bytes } },
  ])("takes $what of the user's own", async ({ file }) => {
    const store = newStore();
    const stored = await importWeights(file, target(), store);
    expect(stored).toEqual({ sha256, size: bytes.length, name: 'tiny_plain.h5' });
    expect(await findImportedWeights('tiny', store)).toEqual(stored);
    expect((await store.get(`weights/sha256/${sha256}`))?.body).toEqual(new Uint8Array(bytes));
  });

  it.each([
    { what: 'by its hash', official: { name: 'official.h5', url, hash: `sha256:${sha256}` } },
    { what: 'by its name, where the publisher gives no hash', official: { name: 'tiny_plain.h5', url } },
  ])('knows the official file $what', async ({ official }) => {
    const store = newStore();
    await importWeights(path, target({ files: [{ name: 'another.h5', url, hash: 'md5:0' }, official] }), store);
    expect(await findOfficialWeights(official, store)).toMatchObject({ ...official, sha256 });
  });

  it('keeps nothing that does not read, or does not fit the backbone', async () => {
    const store = newStore();
    const misfit = target({
      check: ({ layers }) => {
        throw new DataError('WEIGHTS_MISMATCH', { received: layers.length });
      },
    });
    await expect(importWeights(path, misfit, store)).rejects.toMatchObject({ code: 'WEIGHTS_MISMATCH', received: 10 });
    await expect(importWeights({ name: 'x', bytes: bytes.subarray(0, 9000) }, target(), store)).rejects.toThrow(DataError);
    expect((await store.list('')).objects).toEqual([]);
  });
});
