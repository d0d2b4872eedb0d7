import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readStamp, STAMP_FILE, verifyStamp } from './stamp.ts';

/** An installed native TensorFlow. */
export interface NativePackage {
  /** Path of its main module. */
  readonly entry: string;
  readonly name: string;
  /** The wheels that its runtime was built from, as `name==version`. Empty if the package brought its own runtime. */
  readonly wheels: readonly string[];
}

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Finds the native TensorFlow of this installation: the one built by `npm run native`, else a package installed next
 * to Graft.
 * @returns undefined if there is none
 * @throws RuntimeError NATIVE_INCOMPATIBLE, NATIVE_DAMAGED
 */
export function findNative(from = import.meta.dirname): NativePackage | undefined {
  return findBuilt(from) ?? findInstalled(from);
}

/**
 * Returns the recipe of the runtime built by `npm run native`, or undefined if there is none. Each different build
 * has its own recipe.
 */
export function builtRecipe(from = import.meta.dirname): string | undefined {
  const folder = findRuntime(from);
  return folder && readStamp(folder)?.recipe;
}

function findRuntime(from: string): string | undefined {
  return findUp(join('infra', 'native', 'runtime', STAMP_FILE), from);
}

function findBuilt(from: string): NativePackage | undefined {
  const folder = findRuntime(from);
  const stamp = folder && readStamp(folder);
  if (!folder || !stamp) return undefined;
  verifyStamp(folder, stamp);
  return { entry: createRequire(join(folder, STAMP_FILE)).resolve(stamp.package), name: stamp.package, wheels: stamp.wheels };
}

function findInstalled(from: string): NativePackage | undefined {
  const require = createRequire(join(from, 'from.js'));
  for (const name of PACKAGES) {
    try {
      return { entry: require.resolve(name), name, wheels: [] };
    } catch {
      // Not installed: try the next one.
    }
  }
  return undefined;
}

/** Finds the folder of the nearest `path` in `from` or above it. */
function findUp(path: string, from: string): string | undefined {
  if (existsSync(join(from, path))) return dirname(join(from, path));
  return dirname(from) === from ? undefined : findUp(path, dirname(from));
}
