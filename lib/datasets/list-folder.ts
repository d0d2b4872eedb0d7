import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RefusedFile, UploadFile } from '../contracts/dataset.ts';
import { DataError, NotFoundError } from '../errors.ts';
import { mapInOrder } from '../images/map-in-order.ts';
import { byPath } from './by-path.ts';
import { refuse } from './refuse.ts';
import { type FoundFile, walkFolder } from './walk-folder.ts';

export interface FolderFile extends UploadFile {
  /** Where the file lies on this machine. */
  readonly absolutePath: string;
}

export interface FolderListing {
  /** By path, the operating system's own files among them: the import tells them from images. */
  readonly files: readonly FolderFile[];
  /** What cannot be sent at all: no file, not readable, a link that leads away, a name that is no text or taken. */
  readonly refused: readonly RefusedFile[];
}

/** Files hashed at once. */
const concurrency = 4;

/**
 * Lists all files below a folder with their size and SHA-256. Paths are relative to it, with "/", in Unicode's composed form.
 * @throws NotFoundError FOLDER_NOT_FOUND; DataError FOLDER_EXPECTED, FOLDER_EMPTY
 */
export async function listFolder(folder: string, onProgress?: (done: number, total: number) => void): Promise<FolderListing> {
  const found: FoundFile[] = [];
  const refused: RefusedFile[] = [];
  for await (const entry of walkFolder(await rootOf(folder))) {
    if ('code' in entry) refused.push(entry);
    else found.push(entry);
  }
  if (found.length + refused.length === 0) {
    const fix = 'put the images of each class into a folder named after the class';
    throw new DataError('FOLDER_EMPTY', { at: folder, expected: 'folders of images', received: 'no file', fix });
  }
  const files = new Map<string, FolderFile>();
  let done = 0;
  for await (const file of mapInOrder(found, concurrency, hashFile)) {
    onProgress?.(++done, found.length);
    if ('code' in file) refused.push(file);
    else if (files.has(file.path)) refused.push(refuse(file.path, 'NAME_TAKEN', nameTaken));
    else files.set(file.path, file);
  }
  return { files: [...files.values()].sort(byPath), refused: refused.sort(byPath) };
}

const nameTaken = { expected: 'one file of this name', received: 'another, spelled in other Unicode', fix: 'rename one of them' };

async function rootOf(folder: string): Promise<string> {
  const root = await realpath(resolve(folder)).catch((cause: unknown) => {
    const fix = 'check the path';
    throw new NotFoundError('FOLDER_NOT_FOUND', { at: folder, expected: 'a folder of images', received: 'nothing', fix, cause });
  });
  if (!(await stat(root)).isDirectory()) {
    const fix = 'give the folder that holds one folder of images for each class';
    throw new DataError('FOLDER_EXPECTED', { at: folder, expected: 'a folder', received: 'a file', fix });
  }
  return root;
}

/** Reads the file through, and takes what was read for its size: it may just be growing. */
async function hashFile({ path, absolutePath }: FoundFile): Promise<FolderFile | RefusedFile> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(absolutePath)) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    return refuse(path, 'FILE_UNREADABLE', { expected: 'a file that may be read', received, fix: 'mend its permissions' });
  }
  return { path, size, sha256: hash.digest('hex'), absolutePath };
}
