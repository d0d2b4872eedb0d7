import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sum } from '../arithmetic.ts';
import { hasCode, isMissing } from './store-errors.ts';

/**
 * Moves a file to a path, replacing any existing file. Creates missing folders.
 * @returns the folders that changed
 */
export function moveInto(file: string, path: string): string[] {
  const folder = dirname(path);
  try {
    renameSync(file, path);
    return [folder];
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const first = mkdirSync(folder, { recursive: true });
  renameSync(file, path);
  return first === undefined ? [folder] : foldersBetween(dirname(first), folder);
}

/**
 * Removes a file, and the folders below `root` that become empty.
 * @returns the folder that changed and still exists
 */
export function removeFrom(root: string, path: string): string {
  rmSync(path, { force: true });
  let folder = dirname(path);
  while (folder !== root && removeIfEmpty(folder)) folder = dirname(folder);
  return folder;
}

/** Waits until the entries of a folder are on disk. Ignores a folder that was deleted in the meantime. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder);
    await handle.sync().finally(() => handle.close());
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Returns the total size of all files below a folder. */
export function bytesBelow(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return sum(files.map(({ parentPath, name }) => statSync(join(parentPath, name)).size));
}

function foldersBetween(top: string, bottom: string): string[] {
  return top === bottom ? [top] : [...foldersBetween(top, dirname(bottom)), bottom];
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (isMissing(error)) return true;
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw error;
  }
}
