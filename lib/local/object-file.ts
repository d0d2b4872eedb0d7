import { type BigIntStats, closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { copyFile, type FileHandle, link, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { NotFoundError } from '../errors.ts';
import type { ObjectHead, ObjectVersion, StoredObject } from '../ports.ts';
import { isLinkRefused, isMissing, rangeOf } from './store-errors.ts';

/**
 * Describes an object's file. The ETag identifies the version, because a file never changes after it is published: each
 * version is a new file.
 */
export function headOf(key: string, { ino, mtimeNs, size }: BigIntStats): ObjectHead {
  const etag = [ino, mtimeNs, size].map((part) => part.toString(36)).join('-');
  return { key, size: Number(size), etag, modifiedAt: new Date(Number(mtimeNs / 1_000_000n)) };
}

/**
 * Writes a file and waits until it is on disk. Sets its modification time from a strictly increasing microsecond clock.
 * Many kernels have a resolution of milliseconds and may reuse the inode of a replaced file within that time, which
 * would give two versions the same ETag.
 */
export async function writeObject(
  path: string,
  key: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<ObjectVersion> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(body);
    return await finish(handle, key);
  } finally {
    await handle.close();
  }
}

/**
 * Copies an object. Both keys share one file by a hard link, because files never change. Copies the bytes if the file
 * system does not support links.
 * @throws NotFoundError OBJECT_NOT_FOUND
 */
export async function copyObject(source: string, path: string, key: string): Promise<ObjectVersion> {
  try {
    await link(source, path);
    return versionOf(key, await stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) throw objectNotFound(key);
    if (!isLinkRefused(error)) throw error;
  }
  await copyFile(source, path);
  const handle = await open(path, 'r+');
  return finish(handle, key).finally(() => handle.close());
}

/**
 * Reads the bytes and ETag of one version, even if the path is replaced meanwhile.
 * @returns undefined if there is no object
 */
export async function readObject(path: string, key: string): Promise<StoredObject | undefined> {
  return reading(path, async (file) => {
    const { size, etag } = headOf(key, fstatSync(file, { bigint: true }));
    return { body: await readBytes(file, 0, size), etag };
  });
}

/** An object opened for streaming, because it may be too large for memory. */
export interface OpenObject {
  readonly key: string;
  readonly size: number;
  /** Closes the file when it ends or is destroyed. */
  readonly stream: Readable;
}

/**
 * Opens one version of an object, even if the path is replaced meanwhile.
 * @returns undefined if there is no object
 */
export async function openObject(path: string, key: string): Promise<OpenObject | undefined> {
  try {
    const handle = await open(path);
    const { size } = await handle.stat();
    return { key, size, stream: handle.createReadStream() };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Reads the bytes [start, end), cut off at the object's end.
 * @throws NotFoundError OBJECT_NOT_FOUND; SpecError RANGE_NOT_SATISFIABLE
 */
export async function readObjectRange(path: string, key: string, start: number, end: number): Promise<Uint8Array> {
  const bytes = await reading(path, async (file) => {
    const { size } = fstatSync(file);
    return readBytes(file, ...rangeOf(key, size, start, end));
  });
  if (bytes === undefined) throw objectNotFound(key);
  return bytes;
}

async function finish(handle: FileHandle, key: string): Promise<ObjectVersion> {
  const now = stamp();
  await handle.utimes(now, now);
  await handle.datasync();
  return versionOf(key, await handle.stat({ bigint: true }));
}

function versionOf(key: string, stats: BigIntStats): ObjectVersion {
  const { size, etag } = headOf(key, stats);
  return { key, size, etag };
}

export function objectNotFound(key: string): NotFoundError {
  return new NotFoundError('OBJECT_NOT_FOUND', { at: key, fix: 'list the keys of the store' });
}

/** Opens a file synchronously, because opening is a fast system call, and runs `use` on it. */
async function reading<T>(path: string, use: (file: number) => Promise<T>): Promise<T | undefined> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return await use(file);
  } finally {
    closeSync(file);
  }
}

async function readBytes(file: number, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const length = Math.min(bytes.length - filled, READ_AT_ONCE);
    const bytesRead =
      bytes.length <= SMALL
        ? readSync(file, bytes, filled, length, start + filled)
        : (await readAside(file, bytes, filled, length, start + filled)).bytesRead;
    if (bytesRead === 0) throw new Error('the file is shorter than its size says');
    filled += bytesRead;
  }
  return bytes;
}

const readAside = promisify(read);

/**
 * Files up to this size are read synchronously: for a document of a few kilobytes, switching to another thread takes
 * ten times as long as the read.
 */
const SMALL = 64 * 1024;

/** The operating system reads less than 2 GiB per call. */
const READ_AT_ONCE = 2 ** 30;

let lastStamp = 0;

/**
 * Returns a strictly increasing time in seconds, in whole microseconds. The milliseconds come from the system clock,
 * which all processes share. `performance.now()` alone would stop while the machine sleeps.
 */
function stamp(): number {
  const microseconds = Math.floor((performance.now() * 1000) % 1000);
  lastStamp = Math.max(lastStamp + 1, Date.now() * 1000 + microseconds);
  return lastStamp / 1_000_000;
}
