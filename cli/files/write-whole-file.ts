import { randomUUID } from 'node:crypto';
import { createWriteStream, type Stats } from 'node:fs';
import { access, constants, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeOnInterrupt } from './remove-on-interrupt.ts';
import { unwritable } from './unwritable.ts';

const PERMISSIONS = 0o777;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Checks before long work that its output can be written. @throws UsageError FILE_UNWRITABLE */
export async function checkWritable(path: string): Promise<void> {
  try {
    const found = await statIfThere(path);
    if (found?.isDirectory()) throw new Error('a folder');
    // A rename replaces a read-only file, too.
    if (found !== undefined) await access(path, constants.W_OK);
    if (isReplaceable(found)) await access(dirname(await resolveLinks(path)), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, 'a writable file', cause);
  }
}

/**
 * Writes a file that appears complete or not at all: the texts go into a file beside it, which then replaces it and has
 * its permissions. A device or a pipe, such as /dev/stdout, gets the texts as they come.
 * @throws UsageError FILE_UNWRITABLE; any error of the texts
 */
export async function writeWholeFile(path: string, texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await checkWritable(path);
  const found = await statIfThere(path);
  if (!isReplaceable(found)) return pipeline(texts, createWriteStream(path));
  const target = await resolveLinks(path);
  const partial = `${partialPrefix(target)}${randomUUID()}`;
  const mode = found && found.mode & PERMISSIONS;
  const file = await open(partial, 'wx', mode).catch((cause: unknown) => {
    throw unwritable(path, 'a writable file', cause);
  });
  const restoreInterrupt = removeOnInterrupt(partial);
  try {
    // The umask has removed some of them.
    if (mode !== undefined) await file.chmod(mode);
    await pipeline(texts, file.createWriteStream());
    await rename(partial, target);
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  } finally {
    restoreInterrupt();
  }
}

/**
 * For a folder that is read while a file in it is written: whether a path, without links in its folders, is that file,
 * a link to it that the user named, or what this run or a killed one has written beside it.
 */
export async function outputMatcher(path: string): Promise<(file: string) => boolean> {
  const named = await resolveFolder(path);
  const target = await resolveLinks(path);
  const prefix = partialPrefix(target);
  return (file) => file === named || file === target || (file.startsWith(prefix) && UUID.test(file.slice(prefix.length)));
}

/** The texts of a file are first written beside it. */
function partialPrefix(target: string): string {
  return join(dirname(target), `.${basename(target)}-`);
}

function statIfThere(path: string): Promise<Stats | undefined> {
  return ifThere(stat(path));
}

/** A file that a link names is written, and not the link, also if there is no such file yet. @returns its absolute path */
async function resolveLinks(path: string): Promise<string> {
  const target = await ifThere(realpath(path));
  if (target !== undefined) return target;
  const named = await resolveFolder(path);
  const link = await ifThere(readlink(named));
  return link === undefined ? named : resolveLinks(resolve(dirname(named), link));
}

async function resolveFolder(path: string): Promise<string> {
  return join(await realpath(dirname(path)), basename(path));
}

async function ifThere<Value>(found: Promise<Value>): Promise<Value | undefined> {
  return found.catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw cause;
  });
}

function isReplaceable(found: Stats | undefined): boolean {
  return found === undefined || found.isFile();
}
