import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { importStored } from '../support/datasets/upload.ts';
import type { Bench } from './bench.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { decodeAll, filesOf, fillStore } from './stored-files.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));

/** Measures the cost of checking, hashing, comparing and recording images, relative to decoding alone. */
export const importImages: Bench = {
  name: 'import',
  about:
    'import of a folder of photographs that lie in the store (GRAFT_DATA names another), against sharp decoding the same files',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const files = await filesOf(process.env.GRAFT_DATA ?? sample);
      const directory = (pair: number) => join(folder, `store ${pair}`);
      const measure = inTurns({ graft: (pair) => importFrom(directory(pair), files), sharp: () => decodeAll(files) });
      const compared = await measurePairs({
        pairs,
        warmUp: true,
        async measure(pair) {
          await fillStore(directory(pair), files);
          const sides = await measure(pair);
          await rm(directory(pair), { recursive: true });
          return sides;
        },
        ratios: { ratio: ratioOf('sharp', 'graft'), cpu: ratioOf('sharp', 'graft', 'cpuSeconds') },
      });
      return { ...compared, versions: { sharp: sharp.versions.sharp ?? 'unknown', libvips: sharp.versions.vips } };
    }),
};

async function importFrom(directory: string, files: readonly SourceFile[]): Promise<undefined> {
  const store = openFileStore({ directory, clock: systemClock });
  await importStored({ name: 'photographs', maxRefused: 1, files }, { store, clock: systemClock });
  store.close();
}
