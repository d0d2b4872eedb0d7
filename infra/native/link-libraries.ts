import { cp, link, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Libraries } from './fetch-libraries.ts';

/**
 * Puts the libraries into the package's `deps/`, where its addon looks for them: as hard links, which take no space and
 * survive clearing the cache; as copies if the cache is on another file system.
 */
export async function linkLibraries({ folder }: Libraries, packageFolder: string): Promise<void> {
  for (const part of ['lib', 'nvidia']) {
    const entries = await readdir(join(folder, part), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory()) continue;
      const from = join(entry.parentPath, entry.name);
      const to = join(packageFolder, 'deps', from.slice(folder.length));
      await mkdir(dirname(to), { recursive: true });
      await link(from, to).catch(() => cp(from, to, { verbatimSymlinks: true }));
    }
  }
}
