import { fileURLToPath } from 'node:url';

/**
 * The file of a module that runs in a thread or a process of its own: TypeScript in the repository, JavaScript in the
 * package and in bundles.
 * @param path without its extension, relative to the calling module
 * @param from its `import.meta.url`
 */
export function moduleFile(path: string, from: string): string {
  return fileURLToPath(new URL(`${path}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from));
}
