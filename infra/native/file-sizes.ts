import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The size in bytes of every file below a folder, by its path in it, in the order of the paths; links are left out. */
export async function fileSizes(folder: string): Promise<Record<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = paths.sort().map(async (path) => [relative(folder, path), (await stat(path)).size] as const);
  return Object.fromEntries(await Promise.all(sizes));
}
