import { stat } from 'node:fs/promises';

const LOOKS_EVERY_MS = 1_000;

/**
 * Checks every second whether a folder still exists and is the same one. A process that continues in a deleted folder
 * would write to files that nobody can find, and recreate parts of the folder.
 * @param onGone called once, when the folder was deleted or replaced
 * @returns a function that stops watching
 * @throws the system's Error if the folder does not exist
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
