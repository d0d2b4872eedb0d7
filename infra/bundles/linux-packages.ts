import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { nativePackages } from './functions.ts';
import { reduceLock } from './reduce-lock.ts';

/**
 * The folder whose node_modules has the native packages for Lambda, whatever this machine is: installed once with the
 * lockfile's versions and hashes, and cached, so that later synths need no network.
 */
export async function linuxPackages(root: string, cache = join(cacheFolder(), 'lambda')): Promise<string> {
  const lock = reduceLock(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')), Object.keys(nativePackages));
  const text = JSON.stringify(lock);
  const folder = join(cache, createHash('sha256').update(text).digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;

  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, 'installing-'));
  try {
    await writeFile(join(temporary, 'package-lock.json'), text);
    await writeFile(join(temporary, 'package.json'), JSON.stringify(lock.packages['']));
    await promisify(execFile)('npm', INSTALL, { cwd: temporary });
    // A concurrent installation gives the same result.
    await rename(temporary, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** onnxruntime-node's install script would download GPU libraries from a vendor's host. */
const INSTALL = [
  'ci',
  '--os=linux',
  '--cpu=x64',
  '--libc=glibc',
  '--ignore-scripts',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
];
