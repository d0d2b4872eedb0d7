import { lstatSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileLock } from './file-lock.ts';
import { removeFolder, sweepFolder } from './scratch.ts';

const PREFIX = 'graft-archive-';
const LOCK = 'alive';
/** The process of a younger folder may not hold its lock yet. */
const LOCKED_AFTER_MS = 60_000;
/** A folder without a lock is of an earlier version of Graft, or its removal was interrupted. */
const UNLOCKED_FOR_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a temporary folder for the files of an archive, and removes those of processes that were killed. As in
 * `openScratch`, each process holds a lock on its folder; but these folders are among those of other programs and users.
 */
export async function openUnpackFolder(root: string = tmpdir()): Promise<{ readonly path: string; close(): void }> {
  sweep(root);
  const path = mkdtempSync(join(root, PREFIX));
  try {
    const alive = openFileLock(join(path, LOCK));
    alive.hold();
    let isOpen = true;
    return {
      path,
      close() {
        if (isOpen) alive.close();
        isOpen = false;
        removeFolder(path);
      },
    };
  } catch (error) {
    removeFolder(path);
    throw error;
  }
}

function sweep(root: string): void {
  for (const folder of archiveFoldersIn(root)) {
    try {
      if (mayBeDead(folder)) sweepFolder(folder);
    } catch {
      // Another process removes it, too, or it cannot be read: the next call tries again.
    }
  }
}

function archiveFoldersIn(root: string): string[] {
  try {
    const entries = readdirSync(root, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(PREFIX)).map(({ name }) => join(root, name));
  } catch {
    // Making the folder says why, unless that works.
    return [];
  }
}

function mayBeDead(folder: string): boolean {
  const { uid, mtimeMs } = lstatSync(folder);
  // Windows has a temporary folder for each user.
  if (process.getuid !== undefined && process.getuid() !== uid) return false;
  const lock = statSync(join(folder, LOCK), { throwIfNoEntry: false });
  const since = lock?.mtimeMs ?? mtimeMs;
  return Date.now() - since > (lock === undefined ? UNLOCKED_FOR_MS : LOCKED_AFTER_MS);
}
