import { version } from '../../lib/contracts/version.ts';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { openMachineCache } from '../../lib/local/machine-cache.ts';
import type { MachineCache } from '../../lib/ports.ts';
import { builtRecipe } from '../../lib/tensor/native/find-native.ts';

/** What was measured on this machine with this version of Graft and the native runtime that is built. */
export function localMachineCache(environment: NodeJS.ProcessEnv): MachineCache {
  return openMachineCache({
    folder: cacheFolder(environment),
    environment,
    installation: () => [version, builtRecipe() ?? ''],
  });
}
