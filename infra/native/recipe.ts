import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RuntimeError } from '../../lib/errors.ts';

/** What a runtime is built from. */
export interface Recipe {
  /** The folder with package.json, package-lock.json and wheels.txt. */
  readonly folder: string;
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  readonly package: string;
  readonly packageVersion: string;
  readonly wheels: readonly Wheel[];
  /** SHA-256 of the recipe and of the version of this program. */
  readonly digest: string;
  /** The folder of the package when it is installed into `root`. */
  packageFolder(root: string): string;
}

export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** Raise this if this program builds the same recipe differently. */
const WAY = 1;

const PackageJson = z.object({ dependencies: z.record(z.string(), z.string()) });

export async function readRecipe(folder: string): Promise<Recipe> {
  const [manifest = '', lock = '', requirements = ''] = await Promise.all(
    ['package.json', 'package-lock.json', 'wheels.txt'].map((file) => readFile(join(folder, file), 'utf8')),
  );
  const { dependencies } = PackageJson.parse(JSON.parse(manifest));
  const [name, version] = Object.entries(dependencies).find(([name]) => name.startsWith('@tensorflow/tfjs-node')) ?? [];
  const wheels = readWheels(requirements);
  if (name === undefined || version === undefined || wheels.length === 0) {
    throw new RuntimeError('NATIVE_RECIPE_INCOMPLETE', {
      at: folder,
      expected: 'tfjs-node in package.json, and pinned wheels in wheels.txt',
    });
  }
  return {
    folder,
    package: name,
    packageVersion: version,
    wheels,
    digest: createHash('sha256')
      .update(JSON.stringify([WAY, manifest, lock, requirements]))
      .digest('hex'),
    packageFolder: (root) => join(root, 'node_modules', name),
  };
}

/** The pinned wheels of a pip requirements file: `name==version --hash=sha256:...` a line. */
function readWheels(requirements: string): Wheel[] {
  return [...requirements.matchAll(/^([\w-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$/gm)].map(
    ([, name = '', version = '', sha256 = '']) => ({
      name,
      version,
      sha256,
    }),
  );
}
