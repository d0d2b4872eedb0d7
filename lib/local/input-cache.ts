import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NetworkInput } from '../contracts/network-input.ts';
import { errorJson } from '../errors.ts';
import type { InputCache, Log } from '../ports.ts';

/** About 3,500 inputs of 224 pixels a side: two each of 1,750 photographs. */
const MOST_BYTES = 2 ** 31;
/** The largest part of the free disk. */
const DISK_SHARE = 0.1;

export interface LocalInputCache extends InputCache {
  /** Removes the folders beside this one: of workers that have died. */
  sweep(): Promise<void>;
  /** Removes all that was kept. */
  clear(): Promise<void>;
}

/** Returns a new folder for the inputs of one worker. */
export function newInputFolder(dataDirectory: string): string {
  return join(dataDirectory, 'input-cache', randomUUID());
}

/**
 * Opens an input cache in a folder: a file for each input. No file is synced to disk, so after a restart of the machine
 * the folder may have damaged files, and must not be read: each worker uses a new one.
 * @param most bytes of the files, of which the oldest are removed; default: 2 GiB, at most a tenth of the free disk
 */
export function openInputCache(folder: string, log: Log, most?: number): LocalInputCache {
  /** Bytes of the files that this process has kept, the oldest first. */
  const kept = new Map<string, number>();
  let total = 0;
  let room: Promise<number> | undefined;

  async function write(file: string, pixels: Float32Array): Promise<void> {
    room ??= roomIn(folder, most);
    const size = pixels.byteLength;
    if (kept.has(file) || size > (await room)) return;
    kept.set(file, size);
    total += size;
    for (const [oldest] of kept) {
      if (total <= (await room)) break;
      await remove(oldest);
    }
    const temporary = `${file}.${randomUUID()}`;
    await mkdir(dirname(file), { recursive: true });
    try {
      await writeFile(temporary, pixels);
      // Readers find complete files only.
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async function remove(file: string): Promise<void> {
    total -= kept.get(file) ?? 0;
    kept.delete(file);
    await rm(file, { force: true });
  }

  const logged = (error: unknown) => log('inputs.failed', { error: errorJson(error), effect: 'images are decoded again' });
  return {
    async keep(sha256, input, pixels) {
      await write(fileOf(folder, sha256, input), pixels).catch((error: unknown) => {
        logged(error);
        room = Promise.resolve(0);
      });
    },
    async find(sha256, input) {
      const bytes = await readFile(fileOf(folder, sha256, input)).catch(() => undefined);
      if (bytes?.byteLength !== bytesOf(input)) return undefined;
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
    },
    async sweep() {
      const names = await readdir(dirname(folder)).catch(() => []);
      const others = names.filter((name) => name !== basename(folder));
      for (const name of others) await rm(join(dirname(folder), name), { recursive: true, force: true }).catch(logged);
    },
    async clear() {
      await rm(folder, { recursive: true, force: true }).catch(logged);
    },
  };
}

/** Makes the folder. @returns the most bytes of its files */
async function roomIn(folder: string, most = MOST_BYTES): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return Math.min(most, DISK_SHARE * bavail * bsize);
}

function fileOf(folder: string, sha256: string, { inputSize: [height, width], cropToAspectRatio }: NetworkInput): string {
  return join(folder, `${height}x${width}${cropToAspectRatio ? '-cropped' : ''}`, sha256);
}

function bytesOf({ inputSize: [height, width] }: NetworkInput): number {
  return height * width * 3 * Float32Array.BYTES_PER_ELEMENT;
}
