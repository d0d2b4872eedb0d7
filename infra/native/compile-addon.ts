import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RuntimeError } from '../../lib/errors.ts';
import type { Libraries } from './fetch-libraries.ts';
import type { Recipe } from './recipe.ts';
import { run } from './run.ts';

/**
 * The newest Node-API that tfjs-node 4.22 supports. Every Node since 16 has it, so one addon works with all of them.
 */
export const NAPI_VERSION = 8;

/** The addon, relative to its package: where tfjs-node looks for it. */
export const ADDON = join('lib', `napi-v${NAPI_VERSION}`, 'tfjs_binding.node');

/**
 * Compiles the two C++ files of tfjs-node's addon against TensorFlow's C headers, and links it to TensorFlow's
 * libraries. The run path is relative, so the folder can be moved.
 * @throws RuntimeError NATIVE_COMPILE_FAILED
 */
export async function compileAddon(recipe: Recipe, libraries: Libraries, root: string): Promise<void> {
  const folder = recipe.packageFolder(root);
  const addon = join(folder, ADDON);
  await mkdir(dirname(addon), { recursive: true });
  const { status, stderr } = await run([
    'g++',
    ...['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NAPI_VERSION}`],
    ...['-I', join(root, 'node_modules', 'node-api-headers', 'include'), '-I', join(libraries.folder, 'include')],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(folder, 'binding', file)),
    ...['-L', join(folder, 'deps', 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', addon],
  ]);
  if (status !== 0) {
    const error = stderr.split('\n').find((line) => /error/i.test(line));
    throw new RuntimeError('NATIVE_COMPILE_FAILED', { at: 'g++', received: error ?? stderr, fix: 'use g++ 9 or newer' });
  }
}
