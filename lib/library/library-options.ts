import { resolve } from 'node:path';

export interface LibraryOptions {
  /** The folder for images, features, jobs and models. Default: GRAFT_DATA_DIR from the environment, or `.graft`. */
  readonly dataDirectory?: string;
}

export function dataDirectoryOf({ dataDirectory }: LibraryOptions): string {
  return resolve(dataDirectory ?? process.env.GRAFT_DATA_DIR ?? '.graft');
}
