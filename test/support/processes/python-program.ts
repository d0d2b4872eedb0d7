import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../lib/local/cache-folder.ts';

const run = promisify(execFile);

/** A program of PyPI in an environment of its own; what it installs stays in the cache. @returns the program's path */
export async function pythonProgram(name: string, version: string): Promise<string> {
  return join(await pythonEnvironment(name, version), 'bin', name);
}

/**
 * An environment with a package of PyPI and what that needs; it stays in the cache.
 * @param more packages with their versions, `NAME==VERSION`
 * @returns its folder
 */
export async function pythonEnvironment(name: string, version: string, more: readonly string[] = []): Promise<string> {
  const folder = join(cacheFolder(), `${name}-${version}`);
  const done = join(folder, 'installed');
  if (!existsSync(done)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin', 'pip'), ['install', '-q', '--disable-pip-version-check', `${name}==${version}`, ...more]);
    await writeFile(done, '');
  }
  return folder;
}
