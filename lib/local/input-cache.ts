import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { NetworkInput } from '../contracts/network-input.ts';
import { errorJson } from '../errors.ts';
import type { InputCache, Log } from '../ports.ts';
import { openFileLock } from './file-lock.ts';
import { inputFolders } from './input-folder.ts';
import { openScratch, type Scratch, sweepScratch } from './scratch.ts';
import { hasCode } from './store-errors.ts';

/** About 3,500 inputs of 224 pixels a side: two each of 1,750 photographs. */
const MOST_BYTES = 2 ** 31;
/** The largest part of the free disk. */
const DISK_SHARE = 0.1;
/** A training follows its import sooner; and the images of a deleted data set must go. */
const MOST_AGE_MS = 60 * 60 * 1000;

export interface LocalInputCache extends InputCache {
  /** Removes inputs that are an hour old, and the oldest if the disk fills up. */
  trim(): Promise<void>;
  /** Removes all that this process has kept. */
  clear(): void;
}

export interface InputCacheOptions {
  /** Bytes of the files, of which the oldest are removed. Default: 2 GiB, at most a tenth of the free disk. */
  readonly most?: number;
  /** Milliseconds. */
  readonly now?: () => number;
}

/**
 * Opens an input cache in a folder: a file for each input. No file is synced to disk, so after a restart of the machine
 * the folder may have damaged files, and must not be read: each process that keeps inputs uses a new one.
 * @param folder as `newInputFolder` returns it; made with the first input, in a data folder that exists
 */
export function openInputCache(
  folder: string,
  log: Log,
  { most = MOST_BYTES, now = () => performance.now() }: InputCacheOptions = {},
): LocalInputCache {
  /** The inputs that this process has kept, the oldest first. */
  const kept = new Map<string, { readonly bytes: number; readonly since: number }>();
  let total = 0;
  let opening: Promise<void> | undefined;
  let scratch: Scratch | undefined;
  /** Bytes. */
  let room = 0;
  /** After a failure, nothing more is kept. */
  let isOff = false;
  let underWay = 0;

  async function open(): Promise<void> {
    scratch = openFolder(folder);
    room = await roomIn(folder, most);
  }

  async function write(file: string, pixels: Float32Array): Promise<void> {
    opening ??= open();
    await opening;
    const bytes = pixels.byteLength;
    if (kept.has(file) || bytes > room) return;
    kept.set(file, { bytes, since: now() });
    total += bytes;
    await removeOldest(() => total > room);
    const temporary = `${file}.${randomUUID()}`;
    await makeFolder(dirname(file));
    try {
      await writeFile(temporary, pixels);
      // Readers find complete files only.
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    // It was removed before it was there.
    if (!kept.has(file)) await rm(file, { force: true });
  }

  async function removeOldest(mustGo: (since: number) => boolean): Promise<void> {
    for (const [file, { bytes, since }] of kept) {
      if (!mustGo(since)) return;
      kept.delete(file);
      total -= bytes;
      await rm(file, { force: true });
    }
  }

  function clear(): void {
    kept.clear();
    total = 0;
    opening = undefined;
    try {
      scratch?.close();
    } catch (error) {
      logFailure(error);
    }
    scratch = undefined;
  }

  function logFailure(error: unknown): void {
    log('inputs.failed', { error: errorJson(error), effect: 'images are decoded again' });
  }

  async function unlessOff(act: () => Promise<void>): Promise<void> {
    if (isOff) return;
    underWay++;
    try {
      await act();
    } catch (error) {
      if (!isOff) logFailure(error);
      isOff = true;
    } finally {
      underWay--;
      // Not before the last of those under way, which would make folders again.
      if (isOff && underWay === 0) clear();
    }
  }

  return {
    keep: (sha256, input, pixels) => unlessOff(() => write(fileOf(folder, sha256, input), pixels)),
    async find(sha256, input) {
      const bytes = await readFile(fileOf(folder, sha256, input)).catch(() => undefined);
      if (bytes?.byteLength !== bytesOf(input)) return undefined;
      return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
    },
    async trim() {
      if (scratch === undefined) return;
      await unlessOff(async () => {
        room = await roomIn(folder, most);
        await removeOldest((since) => total > room || now() - since > MOST_AGE_MS);
      });
    },
    clear,
  };
}

/** Removes the inputs in a data folder of processes that have died. A failure is logged. */
export function sweepInputs(dataDirectory: string, log: Log): void {
  const root = inputFolders(dataDirectory);
  if (!existsSync(root)) return;
  try {
    alone(root, () => sweepScratch(root));
  } catch (error) {
    log('inputs.failed', { error: errorJson(error), effect: 'old inputs stay on the disk' });
  }
}

/** Makes the folder, which no other process removes while this one lives. @throws if the data folder is gone */
function openFolder(folder: string): Scratch {
  const root = dirname(folder);
  return alone(root, () => openScratch(root, basename(folder)));
}

/** Runs a section that no other process runs at the same time. @throws if the data folder is gone */
function alone<T>(root: string, section: () => T): T {
  const lock = openFileLock(`${root}.lock`);
  try {
    return lock.runBlocking(section);
  } finally {
    lock.close();
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
}

async function roomIn(folder: string, most: number): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return Math.min(most, DISK_SHARE * bavail * bsize);
}

function fileOf(folder: string, sha256: string, { inputSize: [height, width], cropToAspectRatio }: NetworkInput): string {
  return join(folder, `${height}x${width}${cropToAspectRatio ? '-cropped' : ''}`, sha256);
}

function bytesOf({ inputSize: [height, width] }: NetworkInput): number {
  return height * width * 3 * Float32Array.BYTES_PER_ELEMENT;
}
