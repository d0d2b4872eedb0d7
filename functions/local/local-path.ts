import { storeDirectory } from '../../lib/local/data-folder.ts';
import { objectFile } from '../../lib/local/file-store.ts';

/** Where an object of the embedded store lies on this machine, for people to open. */
export function localPath(directory: string, key: string): string {
  return objectFile(storeDirectory(directory), key);
}
