import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder of this user's caches. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'graft');
}
