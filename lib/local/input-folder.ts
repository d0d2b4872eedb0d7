import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** Returns the folder of a data folder in which each process that keeps inputs has one of its own. */
export function inputFolders(dataDirectory: string): string {
  return join(dataDirectory, 'input-cache');
}

/** Returns a new folder for the inputs of one process. */
export function newInputFolder(dataDirectory: string): string {
  return join(inputFolders(dataDirectory), randomUUID());
}
