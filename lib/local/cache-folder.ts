import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this user's caches of Graft lie. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'graft');
}
