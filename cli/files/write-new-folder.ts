import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { GraftError, UsageError } from '../../lib/errors.ts';
import { removeOnInterrupt } from './remove-on-interrupt.ts';
import { unwritable } from './unwritable.ts';

/** Checks that there is no folder of that name, or an empty one. @throws UsageError FOLDER_NOT_EMPTY, FILE_UNWRITABLE */
export async function checkNewFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    if (cause.code === 'ENOTDIR') throw notEmpty(folder, 'a file');
    throw unwritable(folder, 'a writable folder', cause);
  });
  if (entries.length > 0) throw notEmpty(folder, `a folder that has ${entries[0]}`);
}

/** A file of a new folder, below it. */
export interface NewFile {
  /** Its path, with `/`. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * Writes a folder that appears complete or not at all: the files are written into a folder beside it, which is then
 * renamed.
 * @param files written one after the other, so that not all need to be in memory
 * @throws UsageError FOLDER_NOT_EMPTY, FILE_UNWRITABLE
 */
export async function writeNewFolder(folder: string, files: Iterable<NewFile> | AsyncIterable<NewFile>): Promise<void> {
  await checkNewFolder(folder);
  const target = resolve(folder);
  // Not mkdtemp: a web server may run as another user, who could not read its folder.
  const partial = join(dirname(target), `.${basename(target)}-${randomUUID()}`);
  const restoreInterrupt = removeOnInterrupt(partial);
  try {
    await mkdir(partial, { recursive: true });
    for await (const { name, content } of files) {
      const path = join(partial, name);
      // A name may come from a server.
      if (!path.startsWith(`${partial}${sep}`)) throw new Error(`${name} is not below the folder`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    // Windows renames onto no folder, not even an empty one.
    await rmdir(target).catch(ignoreMissing);
    await rename(partial, target);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    if (cause instanceof GraftError) throw cause;
    await checkNewFolder(folder);
    throw unwritable(folder, 'a writable folder', cause);
  } finally {
    restoreInterrupt();
  }
}

function ignoreMissing(cause: NodeJS.ErrnoException): void {
  if (cause.code !== 'ENOENT') throw cause;
}

function notEmpty(at: string, received: string): UsageError {
  return new UsageError('FOLDER_NOT_EMPTY', {
    at,
    expected: 'a new or an empty folder',
    received,
    fix: 'name another folder, or remove this one',
  });
}
