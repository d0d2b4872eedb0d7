import { basename, dirname } from 'node:path';
import { mapInOrder } from '../../concurrency.ts';
import type { RefusedFile } from '../../contracts/dataset.ts';
import type { Export } from '../exports/export.ts';
import { locateImages, type Paths } from '../labels/locate-images.ts';
import { byPath } from '../tables/order.ts';
import { hashFile, type SourceFile } from './hash-file.ts';
import { type FoundFile, walkFolder } from './walk-folder.ts';

/** Files hashed at once. */
const concurrency = 4;

/**
 * Lists the export of a labelling tool and the images that it names, from its folder, or from the folder above
 * `annotations`. The import reports missing files.
 * @param path an absolute path without links
 */
export async function* listExport(path: string, exported: Export): AsyncGenerator<SourceFile | RefusedFile> {
  const folder = basename(dirname(path)) === 'annotations' ? 'annotations/' : '';
  const root = folder === '' ? dirname(path) : dirname(dirname(path));
  yield await hashFile({ path: `${folder}${basename(path)}`, absolutePath: path });
  const found: FoundFile[] = [];
  for await (const file of walkFolder(root)) if (!('code' in file) && file.absolutePath !== path) found.push(file);
  const locate = locateImages(pathsOf(found.sort(byPath)), folder);
  const named = new Set(exported.entries.map((entry) => locate(entry.path)).flatMap((one) => ('file' in one ? one.file : [])));
  const files = [...named].flatMap((file) => found[file] ?? []);
  yield* mapInOrder(files, concurrency, hashFile);
}

function pathsOf(found: readonly FoundFile[]): Paths {
  const numbers = new Map(found.map(({ path }, file) => [path, file]));
  return { length: found.length, path: (file) => found[file]?.path ?? '', find: (path) => numbers.get(path) };
}
