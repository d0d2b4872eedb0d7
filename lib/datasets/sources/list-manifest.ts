import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mapInOrder } from '../../concurrency.ts';
import type { RefusedFile } from '../../contracts/dataset.ts';
import { refuse } from '../../contracts/refuse.ts';
import { isRootManifest } from '../../contracts/upload-files.ts';
import { manifestColumns, readEntries } from '../labels/manifest-entries.ts';
import { manifestKind, openManifestFile } from '../labels/manifest-file.ts';
import { findComposed } from './find-composed.ts';
import { hashFile, type SourceFile } from './hash-file.ts';
import { type FoundFile, leadsToFileInside } from './walk-folder.ts';

/** Files hashed at once. */
const concurrency = 4;

/**
 * Lists a manifest, as one at the root, and the files that it names, each once, relative to its folder. The import
 * reports missing files.
 * @param manifest an absolute path without links
 * @throws DataError MANIFEST_EMPTY, MANIFEST_UNREADABLE, MANIFEST_COLUMNS, LINE_TOO_LONG
 */
export async function* listManifest(manifest: string): AsyncGenerator<SourceFile | RefusedFile> {
  const name = basename(manifest);
  const root = dirname(manifest);
  yield await hashFile({ path: isRootManifest(name) ? name : `manifest.${manifestKind(name)}`, absolutePath: manifest });
  for await (const entry of mapInOrder(namedFiles(name, manifest, root), concurrency, async (found) =>
    'code' in found ? found : hashFile(found),
  )) {
    yield entry;
  }
}

async function* namedFiles(name: string, manifest: string, root: string): AsyncGenerator<FoundFile | RefusedFile> {
  const file = await openManifestFile(name, await readFile(manifest));
  const seen = new Set<string>();
  const find = findComposed(root);
  for await (const entry of readEntries(name, file, manifestColumns(name, file))) {
    if ('code' in entry || seen.has(entry.path)) continue;
    seen.add(entry.path);
    const composed = join(root, entry.path);
    // Most names are composed, and need no search.
    const absolutePath = (await isFile(composed)) ? composed : await find(entry.path);
    if (absolutePath === undefined || !(await isFile(absolutePath))) continue;
    if (await leadsToFileInside(await realpath(root), absolutePath)) yield { path: entry.path, absolutePath };
    else
      yield refuse(entry.path, 'LINK_NOT_FOLLOWED', {
        expected: 'a file beside the manifest',
        fix: 'copy the file into the folder',
      });
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
