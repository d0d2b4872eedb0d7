import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CapacityError, RuntimeError } from '../../lib/errors.ts';
import { fileSizes } from './file-sizes.ts';
import type { Recipe, Wheel } from './recipe.ts';
import { lastLine, run } from './run.ts';

/** Shared libraries and headers from the wheels. */
export interface Libraries {
  /** `lib/` with TensorFlow's two libraries, `include/` with its C headers, and for GPUs `nvidia/`. */
  readonly folder: string;
}

/** The files to extract from a wheel, by the wheel's name; the rest is Python. */
const MEMBERS: readonly { readonly wheel: RegExp; readonly take: readonly string[] }[] = [
  {
    wheel: /^tensorflow(-cpu)?$/,
    take: [
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/libtensorflow_framework.so.2',
      'tensorflow/include/tensorflow/c/*',
      'tensorflow/include/tensorflow/core/platform/ctstring*',
      'tensorflow/include/tsl/platform/ctstring*',
      'tensorflow/include/xla/tsl/c/*',
    ],
  },
  { wheel: /^nvidia-cuda-nvcc-/, take: ['nvidia/cuda_nvcc/bin/*', 'nvidia/cuda_nvcc/nvvm/libdevice/*'] },
  { wheel: /^nvidia-/, take: ['nvidia/*/lib/*.so*'] },
];

/** The wheels are for Python 3.11, whichever Python pip uses, because only their libraries are used. */
const WHEEL_TAGS = [
  '--python-version=3.11',
  '--implementation=cp',
  '--platform=manylinux_2_17_x86_64',
  '--platform=manylinux2014_x86_64',
];

/**
 * Gets the recipe's shared libraries from the user's cache, or downloads them with pip, verifies their hashes, and
 * caches them.
 * @throws RuntimeError NATIVE_DOWNLOAD_FAILED, NATIVE_WHEEL_REFUSED, NATIVE_WHEEL_DAMAGED; CapacityError
 * NATIVE_NO_SPACE
 */
export async function fetchLibraries(recipe: Recipe, say: (line: string) => void): Promise<Libraries> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'graft', 'tensorflow');
  const folder = join(cache, cacheName(recipe.wheels));
  if (await isWhole(folder)) return { folder };

  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, 'fetching-'));
  try {
    say(`Downloading ${recipe.wheels.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
    await download(recipe, join(temporary, 'wheels'));
    say('Unpacking');
    await unpack(recipe.wheels, join(temporary, 'wheels'), temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(join(temporary, 'unpacked'), folder);
    return { folder };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The list of the cached files, by which a truncated file is detected. */
const CONTENTS = 'contents.json';

async function isWhole(folder: string): Promise<boolean> {
  if (!existsSync(join(folder, CONTENTS))) return false;
  const { [CONTENTS]: _, ...sizes } = await fileSizes(folder);
  return (await readFile(join(folder, CONTENTS), 'utf8')) === JSON.stringify(sizes);
}

function cacheName(wheels: readonly Wheel[]): string {
  const [first] = wheels;
  const digest = createHash('sha256')
    .update(JSON.stringify([MEMBERS, wheels]))
    .digest('hex');
  return `${first?.name}-${first?.version}-${digest.slice(0, 16)}`;
}

async function download({ folder }: Recipe, into: string): Promise<void> {
  const options = [
    '--quiet',
    '--no-deps',
    '--no-cache-dir',
    '--only-binary=:all:',
    '--require-hashes',
    '--disable-pip-version-check',
  ];
  const requirements = join(folder, 'wheels.txt');
  const { status, stderr } = await run([
    'python3',
    '-m',
    'pip',
    'download',
    ...options,
    ...WHEEL_TAGS,
    '--dest',
    into,
    '-r',
    requirements,
  ]);
  if (status === 0) return;
  if (/DO NOT MATCH THE HASHES/.test(stderr)) {
    throw new RuntimeError('NATIVE_WHEEL_REFUSED', {
      at: requirements,
      expected: 'the wheel with the pinned SHA-256',
      received: /Got\s+([0-9a-f]{64})/.exec(stderr)?.[1],
      fix: 'do not use that package index or proxy: it serves another wheel than the pinned one',
    });
  }
  refuseFullDisk(stderr, into);
  throw new RuntimeError('NATIVE_DOWNLOAD_FAILED', {
    at: 'pip',
    received: lastLine(stderr),
    fix: 'check the network, then npm run native',
  });
}

async function unpack(wheels: readonly Wheel[], from: string, temporary: string): Promise<void> {
  const unpacked = join(temporary, 'unpacked');
  await mkdir(unpacked);
  const files = await readdir(from);
  for (const { name } of wheels) {
    const file = join(from, files.find((file) => file.startsWith(`${name.replaceAll('-', '_')}-`)) ?? name);
    const take = MEMBERS.find(({ wheel }) => wheel.test(name))?.take ?? [];
    const { status, stderr } = await run(['unzip', '-q', '-o', file, ...take, '-d', unpacked]);
    refuseFullDisk(stderr, temporary);
    if (status !== 0)
      throw new RuntimeError('NATIVE_WHEEL_DAMAGED', { at: file, received: lastLine(stderr), fix: 'npm run native' });
    await rm(file);
  }
  await arrange(unpacked);
}

/** Moves files from Python's layout to where the libraries look for each other. */
async function arrange(unpacked: string): Promise<void> {
  const lib = join(unpacked, 'lib');
  await mkdir(lib);
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    await rename(join(unpacked, 'tensorflow', name), join(lib, name));
    // Debug symbols are a third of the size.
    await run(['strip', '--strip-unneeded', join(lib, name)]);
  }
  await rename(join(unpacked, 'tensorflow', 'include'), join(unpacked, 'include'));
  await rm(join(unpacked, 'tensorflow'), { recursive: true });
  // cuDNN looks for the run-time compiler in `nvrtc`, for which its wheel uses another name.
  if (existsSync(join(unpacked, 'nvidia', 'cuda_nvrtc'))) await symlink('cuda_nvrtc', join(unpacked, 'nvidia', 'nvrtc'));
  await writeFile(join(unpacked, CONTENTS), JSON.stringify(await fileSizes(unpacked)));
}

function refuseFullDisk(stderr: string, at: string): void {
  if (!/No space left on device|disk full/i.test(stderr)) return;
  throw new CapacityError('NATIVE_NO_SPACE', {
    at,
    expected: 'about 2 GB free, and 10 GB for GPUs',
    fix: 'free some space, or set XDG_CACHE_HOME',
  });
}
