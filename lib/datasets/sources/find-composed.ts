import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Finds files by paths in Unicode's composed form, whichever form their names have on the disk: macOS wrote decomposed
 * ones. Reads each folder at most once.
 * @returns the absolute path; undefined if there is no such file
 */
export function findComposed(root: string): (path: string) => Promise<string | undefined> {
  const folders = new Map<string, Promise<ReadonlyMap<string, string>>>();
  return async (path) => {
    let at = root;
    for (const name of path.split('/')) {
      const names = folders.get(at) ?? namesIn(at);
      folders.set(at, names);
      const found = (await names).get(name);
      if (found === undefined) return undefined;
      at = join(at, found);
    }
    return at;
  };
}

/** The names in a folder by their composed form; none if it cannot be read. */
async function namesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch(() => []);
  return new Map(names.map((name) => [name.normalize('NFC'), name]));
}
