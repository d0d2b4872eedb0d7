import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import { importUpload } from '../../lib/datasets/import-upload.ts';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../lib/datasets/sources/list-source.ts';
import { mapInOrder } from '../../lib/images/map-in-order.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import type { Bench } from './bench.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

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

async function filesOf(folder: string): Promise<SourceFile[]> {
  const source = await listSource(folder);
  const files: SourceFile[] = [];
  for await (const entry of source.entries) if (!('code' in entry)) files.push(entry);
  await source.close();
  return files;
}

/** Decodes as many images at once as the import does. */
async function decodeAll(files: readonly SourceFile[]): Promise<undefined> {
  const pixels = mapInOrder(files, 4, async ({ absolutePath }) => {
    try {
      return await sharp(await readFile(absolutePath))
        .rotate()
        .removeAlpha()
        .toColourspace('srgb')
        .raw()
        .toBuffer();
    } catch {
      return undefined;
    }
  });
  for await (const _ of pixels);
}

/** Puts the files into a new store. */
async function fillStore(directory: string, files: readonly SourceFile[]): Promise<void> {
  const store = openFileStore({ directory, clock: systemClock });
  for (const { sha256, absolutePath } of files) await store.put(blobKey(sha256), await readFile(absolutePath));
  store.close();
}

async function importFrom(directory: string, files: readonly SourceFile[]): Promise<undefined> {
  const store = openFileStore({ directory, clock: systemClock });
  await importUpload({ store, clock: systemClock, log: () => {}, files, maxRefused: 1, name: 'photographs' });
  store.close();
}
