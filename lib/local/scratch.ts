import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, openFileLock } from './file-lock.ts';

/** A folder for the drafts of one open store: files that nobody else sees before they are moved into their place. */
export interface Scratch {
  /** A path where there is no file yet. */
  draft(): string;
  close(): void;
}

/**
 * Opens a scratch folder below `root`, and removes those of the dead. Each holds a lock for as long as its process lives:
 * a process number would not do, for it is used again, and another container has its own. Callers must not open at once.
 */
export function openScratch(root: string): Scratch {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(root)) sweep(join(root, name));
  const folder = join(root, randomUUID());
  mkdirSync(folder);
  const alive = openFileLock(join(folder, 'alive'));
  alive.hold();
  let drafts = 0;
  return {
    draft: () => join(folder, String(++drafts)),
    close() {
      alive.close();
      remove(folder);
    },
  };
}

function sweep(folder: string): void {
  let alive: FileLock;
  try {
    alive = openFileLock(join(folder, 'alive'));
  } catch (error) {
    // Its owner closed it between our look and now.
    if (!existsSync(folder)) return;
    throw error;
  }
  const isDead = alive.hold();
  alive.close();
  if (isDead) remove(folder);
}

/** A closing owner and a sweeper may be at the same folder; what one of them leaves is swept at the next opening. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
  }
}
