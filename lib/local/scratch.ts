import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, openFileLock } from './file-lock.ts';

/** A folder for the temporary files of one open store. Other processes do not see them until they are published. */
export interface Scratch {
  /** Returns the path of a file that does not exist yet. */
  draft(): string;
  close(): void;
}

/**
 * Opens a scratch folder below `root`, and removes those of dead processes. Each process holds a lock on its folder. A
 * process id is not sufficient, because ids are reused and containers have separate ids. Callers must not open at the
 * same time.
 * @param name of the folder, which does not exist yet; default: a random one
 */
export function openScratch(root: string, name: string = randomUUID()): Scratch {
  mkdirSync(root, { recursive: true });
  sweepScratch(root);
  const folder = join(root, name);
  mkdirSync(folder);
  const alive = openFileLock(join(folder, 'alive'));
  alive.hold();
  let drafts = 0;
  return {
    draft: () => join(folder, String(++drafts)),
    close() {
      alive.close();
      removeFolder(folder);
    },
  };
}

/** Removes the scratch folders below `root` whose processes are dead. Leaves files, such as those of a file manager. */
export function sweepScratch(root: string): void {
  for (const entry of readdirSync(root, { withFileTypes: true })) if (entry.isDirectory()) sweepFolder(join(root, entry.name));
}

/** Removes a scratch folder if its process is dead. */
export function sweepFolder(folder: string): void {
  let alive: FileLock;
  try {
    alive = openFileLock(join(folder, 'alive'));
  } catch (error) {
    // The owner closed it in the meantime.
    if (!existsSync(folder)) return;
    throw error;
  }
  const isDead = alive.hold();
  alive.close();
  if (isDead) removeFolder(folder);
}

/** Removes a scratch folder. Its owner and a sweeper may do so at the same time. The next opening removes the rest. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY')) throw error;
  }
}
