import { stat } from 'node:fs/promises';

const LOOKS_EVERY_MS = 1_000;

/**
 * Looks every second whether a folder is still the one that it was. Whoever works in a folder that was deleted writes
 * into files that nobody finds any more, and would create a part of it again.
 * @param onGone called once, when the folder was deleted or replaced
 * @returns ends the watch
 * @throws Error of the system where there is no such folder
 */
export async function watchFolder(folder: string, onGone: () => void): Promise<() => void> {
  const { dev, ino } = await stat(folder);
  let watching = true;
  const timer = setInterval(async () => {
    const isSame = await stat(folder).then(
      (now) => now.dev === dev && now.ino === ino,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
    );
    if (isSame || !watching) return;
    stop();
    onGone();
  }, LOOKS_EVERY_MS).unref();
  function stop(): void {
    watching = false;
    clearInterval(timer);
  }
  return stop;
}
