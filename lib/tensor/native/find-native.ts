import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readStamp, STAMP_FILE, verifyStamp } from './stamp.ts';

/** A native TensorFlow that is installed here. */
export interface NativePackage {
  /** Its main module. */
  readonly entry: string;
  readonly name: string;
  /** The wheels that its runtime was built from, as `name==version`; none where the package brought its own. */
  readonly wheels: readonly string[];
}

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * The native TensorFlow of this installation: the one that `npm run native` built, else a package that was installed
 * beside Graft in the regular way.
 * @throws RuntimeError NATIVE_INCOMPATIBLE, NATIVE_DAMAGED
 */
export function findNative(from = import.meta.dirname): NativePackage | undefined {
  return findBuilt(from) ?? findInstalled(from);
}

/** The recipe of the runtime that `npm run native` built, which changes with every other build; undefined where there is none. */
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
      // Not installed: the next one.
    }
  }
  return undefined;
}

/** The folder of the nearest `path` in `from` or above it. */
function findUp(path: string, from: string): string | undefined {
  if (existsSync(join(from, path))) return dirname(join(from, path));
  return dirname(from) === from ? undefined : findUp(path, dirname(from));
}
