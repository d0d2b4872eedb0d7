import { fdatasync } from 'node:fs';
import { promisify } from 'node:util';

const synced = promisify(fdatasync);

/**
 * Waits until what was written to a file is on the disk. All who ask while a wait is under way share the next one, so that many
 * writers at once cost the disk no more than two.
 * @param file its descriptor
 * @returns call it after the write
 */
export function sharedSync(file: number): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= underWay.then(() => {
      const sync = synced(file);
      underWay = sync.catch(() => {});
      next = undefined;
      return sync;
    });
    return next;
  };
}
