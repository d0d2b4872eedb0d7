import { fileURLToPath } from 'node:url';

/**
 * The file of a module to run in another process: TypeScript in the repository, JavaScript in the package.
 * @param path without its extension, relative to the calling module
 * @param from its `import.meta.url`
 */
export function moduleFile(path: string, from: string): string {
  return fileURLToPath(new URL(`${path}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from));
}
