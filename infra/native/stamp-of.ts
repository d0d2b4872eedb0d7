import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RuntimeStamp } from '../../lib/tensor/native/stamp.ts';
import { ADDON, NAPI_VERSION } from './compile-addon.ts';
import { fileSizes } from './file-sizes.ts';
import type { Recipe } from './recipe.ts';

/** The stamp of the finished runtime in `root`. */
export async function stampOf(recipe: Recipe, root: string): Promise<RuntimeStamp> {
  const folder = recipe.packageFolder(root);
  const addon = join(folder, ADDON);
  const deps = join(folder, 'deps');
  const sizes = Object.entries(await fileSizes(deps));
  return {
    package: recipe.package,
    wheels: recipe.wheels.map(({ name, version }) => `${name}==${version}`),
    recipe: recipe.digest,
    platform: process.platform,
    arch: process.arch,
    napi: NAPI_VERSION,
    addon: {
      path: relative(root, addon),
      sha256: createHash('sha256')
        .update(await readFile(addon))
        .digest('hex'),
    },
    libraries: Object.fromEntries(sizes.map(([path, bytes]) => [relative(root, join(deps, path)), bytes])),
  };
}
