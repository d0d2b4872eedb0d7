import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { RuntimeError } from '../../lib/errors.ts';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { openFileLock } from '../../lib/local/file-lock.ts';

const run = promisify(execFile);
/** Every package with its exact version and hashes, so that pip resolves nothing and installs nothing else. */
const lockFile = fileURLToPath(new URL('./requirements.lock', import.meta.url));
/** The versions that the locked packages support. */
const PYTHONS = ['python3.11', 'python3.12', 'python3.10', 'python3'];
const SUPPORTED = /^Python 3\.1[012]\./;
const LOOKS_EVERY_MS = 1000;
const TELLS_EVERY_MS = 15_000;

/**
 * Installs LocalStack into a virtual environment in the user's cache, once per version of the lock file. The first call
 * takes a few minutes, later calls return at once.
 * @returns the path of its Python
 * @throws RuntimeError PYTHON_MISSING, LOCALSTACK_INSTALL_FAILED
 */
export async function installLocalStack(tell: (line: string) => void): Promise<string> {
  const version = createHash('sha256').update(readFileSync(lockFile)).digest('hex').slice(0, 12);
  const cache = cacheFolder();
  const folder = join(cache, `localstack-${version}`);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return python;

  mkdirSync(cache, { recursive: true });
  const lock = openFileLock(join(cache, 'localstack.lock'));
  try {
    // Another process is installing it.
    while (!lock.hold()) await wait(LOOKS_EVERY_MS);
    if (existsSync(complete)) return python;
    rmSync(folder, { recursive: true, force: true });
    tell(`installing LocalStack into ${folder}, which takes a few minutes once`);
    await install(folder, python, tell);
    writeFileSync(complete, '');
    return python;
  } finally {
    lock.close();
  }
}

async function install(folder: string, python: string, tell: (line: string) => void): Promise<void> {
  const started = performance.now();
  const telling = setInterval(() => {
    tell(`installing LocalStack: ${Math.round((performance.now() - started) / 1000)} s`);
  }, TELLS_EVERY_MS);
  try {
    await run(await findPython(), ['-m', 'venv', folder]);
    const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'];
    const packages = ['install', ...options, '--requirement', lockFile];
    await run(python, ['-m', 'pip', ...packages], { maxBuffer: 64 * 2 ** 20 });
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError('LOCALSTACK_INSTALL_FAILED', {
      at: folder,
      expected: 'pip to install infra/localstack/requirements.lock',
      received: error instanceof Error ? error.message.slice(-2000) : String(error),
      fix: 'check the network and the disk; or, with Docker: docker compose -f infra/localstack/docker-compose.yaml up',
      cause: error,
    });
  } finally {
    clearInterval(telling);
  }
}

async function findPython(): Promise<string> {
  for (const python of PYTHONS) {
    const version = await run(python, ['--version']).catch(() => ({ stdout: '' }));
    if (SUPPORTED.test(version.stdout)) return python;
  }
  throw new RuntimeError('PYTHON_MISSING', {
    expected: 'Python 3.10, 3.11 or 3.12',
    received: `none of ${PYTHONS.join(', ')}`,
    fix: 'install one; or, with Docker: docker compose -f infra/localstack/docker-compose.yaml up',
  });
}
