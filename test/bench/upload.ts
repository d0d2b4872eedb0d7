import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Bench, sizeFromEnvironment } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

const IMAGES = sizeFromEnvironment(10_000);
/** As `graft upload` does. */
const WRITTEN_AT_ONCE = 8;

/** Compares the upload and import of a folder to the local store with copying its files durably. */
export const upload: Bench = {
  name: 'upload',
  about: `${IMAGES} images of 64 pixels uploaded to the local store and imported, against copying and syncing the same files`,
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, { count: IMAGES, classes: 10, side: 64 });
      const measure = inTurns({
        async graft(pair) {
          const flags = ['--name', 'squares'];
          await graftCommand(Uploaded, ['upload', images, ...flags], join(folder, `data-${pair}`));
          return undefined;
        },
        async copy(pair) {
          await copyDurably(images, join(folder, `copy-${pair}`));
          return undefined;
        },
      });
      const compared = await measurePairs({
        pairs,
        async measure(pair) {
          const sides = await measure(pair);
          for (const name of ['data', 'copy']) await rm(join(folder, `${name}-${pair}`), { recursive: true });
          return sides;
        },
        ratios: { ratio: ratioOf('copy', 'graft'), cpu: ratioOf('copy', 'graft', 'cpuSeconds') },
      });
      return { ...compared, versions: { node: process.version } };
    }),
};

const Uploaded = z.looseObject({ digest: z.string() });

async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(to);
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const workers = Array.from({ length: WRITTEN_AT_ONCE }, async (_, worker) => {
    for (let index = worker; index < files.length; index += WRITTEN_AT_ONCE) {
      const handle = await open(join(to, `${index}`), 'w');
      await handle.writeFile(await readFile(files[index] ?? ''));
      await handle.sync();
      await handle.close();
    }
  });
  await Promise.all(workers);
}
