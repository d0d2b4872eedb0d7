import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { mapInOrder } from '../../lib/concurrency.ts';
import { blobKey } from '../../lib/datasets/files/blob-key.ts';
import type { SourceFile } from '../../lib/datasets/sources/hash-file.ts';
import { listSource } from '../../lib/datasets/sources/list-source.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { openUnpackFolder } from '../../lib/local/unpack-folder.ts';
import { systemClock } from '../../lib/store/system-clock.ts';

/** Lists the readable files of a folder of images. */
export async function filesOf(folder: string): Promise<SourceFile[]> {
  const source = await listSource(folder, openUnpackFolder);
  const files: SourceFile[] = [];
  for await (const entry of source.entries) if (!('code' in entry)) files.push(entry);
  await source.close();
  return files;
}

/** Puts files into a new store, as an upload does. */
export async function fillStore(directory: string, files: readonly SourceFile[]): Promise<void> {
  const store = openFileStore({ directory, clock: systemClock });
  for (const { sha256, absolutePath } of files) await store.put(blobKey(sha256), await readFile(absolutePath));
  store.close();
}

/** Decodes files with sharp alone, as many at once as an import does. Leaves out those that are no images. */
export async function decodeAll(files: readonly SourceFile[]): Promise<undefined> {
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
