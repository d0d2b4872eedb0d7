import { join } from 'node:path';
import type { FunctionName } from '../../lib/store/key-kind.ts';
import { bundleFunction } from './bundle-function.ts';
import { functionBundles, functionNames } from './functions.ts';
import { linuxPackages } from './linux-packages.ts';

/** The folder of each function's code. */
export type FunctionFolders = Readonly<Record<FunctionName, string>>;

/** Bundles all functions, each into a folder of its name under `into`. */
export async function bundleFunctions(root: string, into: string): Promise<FunctionFolders> {
  const packages = await linuxPackages(root);
  const folders = await Promise.all(
    functionNames.map(async (name) => {
      const folder = join(into, name);
      await bundleFunction(functionBundles[name], { root, packages, folder });
      return [name, folder] as const;
    }),
  );
  return Object.fromEntries(folders) as Record<FunctionName, string>;
}
