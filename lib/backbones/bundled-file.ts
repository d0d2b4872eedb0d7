import { access, readFile } from 'node:fs/promises';
import { NotFoundError } from '../errors.ts';

/** Reads a file in assets/. @throws as `findBundled` */
export async function bundledFile(file: string): Promise<Uint8Array> {
  return readFile(await findBundled(file));
}

/**
 * Finds a file or folder of assets/: the nearest such folder above this file. In the repository it is next to lib/,
 * in the package next to dist/, and in a Lambda bundle next to the code.
 * @throws NotFoundError FILE_NOT_BUNDLED
 */
export async function findBundled(name: string): Promise<URL> {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const path = new URL(`assets/${name}`, folder);
    if (await exists(path)) return path;
    if (folder.pathname === '/') break;
  }
  throw new NotFoundError('FILE_NOT_BUNDLED', {
    at: `assets/${name}`,
    expected: 'the file beside the code',
    fix: 'install the package again',
  });
}

function exists(path: URL): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
