import { randomUUID } from 'node:crypto';
import { createWriteStream, type Stats } from 'node:fs';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../lib/contracts/message-of.ts';
import { UsageError } from '../lib/errors.ts';

/** Checks before long work that its output can be written. @throws UsageError FILE_UNWRITABLE */
export async function checkWritable(path: string): Promise<void> {
  try {
    const found = await statIfThere(path);
    if (found?.isDirectory()) throw new Error('a folder');
    await access(isReplaceable(found) ? dirname(await resolveLinks(path)) : path, constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Writes a file that appears complete or not at all: the texts go into a file beside it, which then replaces it. A
 * device or a pipe, such as /dev/stdout, gets the texts as they come.
 * @throws UsageError FILE_UNWRITABLE; any error of the texts
 */
export async function writeWholeFile(path: string, texts: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await checkWritable(path);
  if (!isReplaceable(await statIfThere(path))) return pipeline(texts, createWriteStream(path));
  const target = await resolveLinks(path);
  const partial = join(dirname(target), `.${basename(target)}-${randomUUID()}`);
  const file = await open(partial, 'wx').catch((cause: unknown) => {
    throw unwritable(path, cause);
  });
  try {
    await pipeline(texts, file.createWriteStream());
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function statIfThere(path: string): Promise<Stats | undefined> {
  return ifThere(stat(path));
}

/** A file that a link names is replaced, and not the link. */
async function resolveLinks(path: string): Promise<string> {
  return (await ifThere(realpath(path))) ?? path;
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

function unwritable(at: string, cause: unknown): UsageError {
  const received = messageOf(cause);
  return new UsageError('FILE_UNWRITABLE', { at, expected: 'a writable file', received, fix: 'give another path', cause });
}
