import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CapacityError } from '../errors.ts';

/**
 * Opens a file in the temporary folder of this machine, for writing and reading. It is removed at once: the open file
 * remains usable, so nothing is left behind however the process ends.
 * @throws CapacityError STORE_FULL, retryable, if the folder has no room
 */
export function openTemporaryFile(): Promise<FileHandle> {
  return withRoom(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'graft-features-'));
    try {
      return await open(join(folder, 'rows'), 'w+');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** Writes all bytes of an array to a file that `openTemporaryFile` returned. @throws as openTemporaryFile */
export async function writeAll(file: FileHandle, data: Float32Array, position: number): Promise<void> {
  const { byteLength } = data;
  const { bytesWritten } = await withRoom(() => file.write(data, 0, byteLength, position));
  // A full disk can end a write early, and what is missing then reads as zeros.
  if (bytesWritten !== byteLength) throw noRoom(`${bytesWritten} of ${byteLength} bytes written`);
}

async function withRoom<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (error instanceof Error && 'code' in error && FULL.has(error.code)) throw noRoom(error.message, error);
    throw error;
  }
}

/** The errors of a full disk, and of a full quota. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

function noRoom(received: string, cause?: unknown): CapacityError {
  return new CapacityError('STORE_FULL', {
    at: tmpdir(),
    expected: 'room in the temporary folder for the features of all images',
    received,
    fix: 'free some disk space there, or set TMPDIR to a folder on a larger disk',
    retryable: true,
    cause,
  });
}
