import { resolve } from 'node:path';

export interface LibraryOptions {
  /** Where images, features, jobs and models are kept; default: the environment's GRAFT_DATA_DIR, else `.graft`. */
  readonly dataDirectory?: string;
}

export function dataDirectoryOf({ dataDirectory }: LibraryOptions): string {
  return resolve(dataDirectory ?? process.env.GRAFT_DATA_DIR ?? '.graft');
}
