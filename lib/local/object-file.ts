import { type BigIntStats, closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { copyFile, type FileHandle, link, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { NotFoundError } from '../errors.ts';
import type { ObjectHead, ObjectVersion, StoredObject } from '../ports.ts';
import { hasCode, isMissing, rangeOf } from './store-errors.ts';

/** A file of an object never changes once it is in its place: a new version is a new file. */
export function headOf(key: string, { ino, mtimeNs, size }: BigIntStats): ObjectHead {
  const etag = [ino, mtimeNs, size].map((part) => part.toString(36)).join('-');
  return { key, size: Number(size), etag, modifiedAt: new Date(Number(mtimeNs / 1_000_000n)) };
}

/**
 * Writes a whole file and waits until it is on the disk. Its modification time is set by a clock of microseconds that never
 * stands still: the ticks of many kernels are milliseconds long, and a replaced file's inode may be used again within one, so
 * that two versions of an object could have the same ETag.
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
 * Two keys may share one file, since files never change; where the file system cannot do that, the bytes are copied.
 * @throws NotFoundError OBJECT_NOT_FOUND
 */
export async function copyObject(source: string, path: string, key: string): Promise<ObjectVersion> {
  try {
    await link(source, path);
    return versionOf(key, await stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) throw objectNotFound(key);
    if (!hasCode(error, 'EMLINK', 'EPERM', 'ENOTSUP', 'ENOSYS')) throw error;
  }
  await copyFile(source, path);
  const handle = await open(path, 'r+');
  return finish(handle, key).finally(() => handle.close());
}

/** The bytes and ETag of one version, whatever happens to its path meanwhile; undefined where there is none. */
export async function readObject(path: string, key: string): Promise<StoredObject | undefined> {
  return reading(path, async (file) => {
    const { size, etag } = headOf(key, fstatSync(file, { bigint: true }));
    return { body: await readBytes(file, 0, size), etag };
  });
}

/** An object that is read piece by piece, for one that is too large for memory. */
export interface OpenObject {
  readonly key: string;
  readonly size: number;
  /** Closes the file at its end, or when it is destroyed. */
  readonly stream: Readable;
}

/** One version of an object, whatever happens to its path meanwhile; undefined where there is none. */
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

/** Bytes [start, end), cut off at the object's end. @throws NotFoundError OBJECT_NOT_FOUND; SpecError RANGE_NOT_SATISFIABLE */
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

/** Opening waits for nobody: what it asks for the system knows, or reads from the disk in one piece. */
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
 * Bytes that are read here and now: handing a document of a few kilobytes to another thread takes ten times as long as
 * reading it.
 */
const SMALL = 64 * 1024;

/** A read of the operating system takes less than 2 GiB. */
const READ_AT_ONCE = 2 ** 30;

let lastStamp = 0;

/**
 * Seconds, in whole microseconds, later than any before it in this process. The milliseconds are those of the system's
 * clock, which all processes share: `performance.now()` alone stands still while the machine sleeps.
 */
function stamp(): number {
  const microseconds = Math.floor((performance.now() * 1000) % 1000);
  lastStamp = Math.max(lastStamp + 1, Date.now() * 1000 + microseconds);
  return lastStamp / 1_000_000;
}
