import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RuntimeStamp } from '../lib/tensor/native/stamp.ts';
import { ADDON, NAPI_VERSION } from './compile-addon.ts';
import type { Recipe } from './recipe.ts';

/** The stamp of the finished runtime in `place`. */
export async function stampOf(recipe: Recipe, place: string): Promise<RuntimeStamp> {
  const folder = recipe.packageFolder(place);
  const addon = join(folder, ADDON);
  const libraries: Record<string, number> = {};
  for (const entry of await readdir(join(folder, 'deps'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) libraries[relative(place, path)] = (await stat(path)).size;
  }
  return {
    package: recipe.package,
    wheels: recipe.wheels.map(({ name, version }) => `${name}==${version}`),
    recipe: recipe.digest,
    platform: process.platform,
    arch: process.arch,
    napi: NAPI_VERSION,
    addon: {
      path: relative(place, addon),
      sha256: createHash('sha256')
        .update(await readFile(addon))
        .digest('hex'),
    },
    libraries,
  };
}
