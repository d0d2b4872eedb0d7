import { fileURLToPath } from 'node:url';

/**
 * A module to run in a process of its own: TypeScript in the repository, JavaScript once compiled.
 * @param path without its ending, relative to the module that asks
 * @param from its `import.meta.url`
 */
export function moduleFile(path: string, from: string): string {
  return fileURLToPath(new URL(`${path}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from));
}
