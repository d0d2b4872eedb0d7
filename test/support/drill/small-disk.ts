import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { scratchFolder } from '../graft.ts';

/** A disk of a few megabytes, that fills up as any other (ENOSPC) and goes with the test. */
export interface SmallDisk {
  /** A folder on the disk, as the programs see it that `prefix` starts. */
  readonly folder: string;
  /** The command that starts a program which sees the disk. */
  readonly prefix: readonly string[];
  /** Writes until no byte is free, and takes each byte that becomes free, until `free`. */
  fill(): void;
  /** Removes what `fill` has written. */
  free(): void;
}

/**
 * A process sees a new disk in a mount namespace of its own. On most Linux systems any user may make one (`unshare`); a
 * container may forbid it.
 */
const UNSHARE = ['--user', '--map-root-user', '--mount'];
const ENTER = ['--user', '--mount', '--preserve-credentials'];

/** Whether this user may mount a disk. */
export function mayMountDisk(): boolean {
  try {
    execFileSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'graft', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Mounts a disk in memory. @param megabytes its size */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const mountPoint = scratchFolder();
  const script = `mount -t tmpfs -o size=${megabytes}m graft "$0" && echo mounted && exec sleep infinity`;
  const holder = spawn('unshare', [...UNSHARE, 'sh', '-c', script, mountPoint], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await mounted(holder);
  // The disk as this process reaches it.
  const ballast = join(`/proc/${holder.pid}/root`, mountPoint, 'ballast');
  const folder = join(mountPoint, 'graft');
  mkdirSync(join(`/proc/${holder.pid}/root`, folder));
  // What fails on a full disk removes its draft, whose bytes would let the next small files in.
  let filling: NodeJS.Timeout | undefined;
  onTestFinished(() => clearInterval(filling));
  return {
    folder,
    prefix: ['nsenter', `--target=${holder.pid}`, ...ENTER, '--'],
    fill() {
      fillUp(ballast);
      filling = setInterval(() => fillUp(ballast), 10);
    },
    free() {
      clearInterval(filling);
      rmSync(ballast, { force: true });
    },
  };
}

/** Appends to a file until the disk has no byte left. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  for (let size = 2 ** 20; size >= 512; ) if (!hasRoomFor(file, size)) size /= 2;
  closeSync(file);
}

function hasRoomFor(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

async function mounted({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: stdout })) if (line === 'mounted') return;
  throw new Error('the disk was not mounted');
}
