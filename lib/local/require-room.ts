import { statfs } from 'node:fs/promises';
import { CapacityError } from '../errors.ts';

/**
 * Checks that the disk of a data folder has room for the results of an attempt.
 * @throws CapacityError STORE_FULL, retryable
 */
export async function requireRoom(directory: string, least: number): Promise<void> {
  requireFree({ directory, ...(await statfs(directory)) }, least, 'free some disk space: the job waits for it');
}

/**
 * Checks that the temporary folder has room for large features. An attempt that has none does not use the folder, so a
 * folder that does not exist, or whose disk never has so much room, keeps no job from starting.
 * @throws CapacityError STORE_FULL, retryable
 */
export async function requireTemporaryRoom(directory: string, least: number): Promise<void> {
  const disk = await statfs(directory).catch(() => undefined);
  if (disk === undefined || disk.blocks * disk.bsize < least) return;
  const fix = 'free some disk space there: the job waits for it. Or set TMPDIR to a folder on a larger disk, and start again';
  requireFree({ directory, ...disk }, least, fix);
}

interface Disk {
  readonly directory: string;
  readonly bavail: number;
  readonly bsize: number;
}

function requireFree({ directory, bavail, bsize }: Disk, least: number, fix: string): void {
  if (bavail * bsize >= least) return;
  throw new CapacityError('STORE_FULL', {
    at: directory,
    expected: `${least} free bytes`,
    received: bavail * bsize,
    fix,
    retryable: true,
  });
}
