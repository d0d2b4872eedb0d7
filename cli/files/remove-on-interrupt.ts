import { rmSync } from 'node:fs';

/** Ctrl-C, `kill`, and the end of the terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Removes an unfinished file or folder if a signal ends the process.
 * @returns a function to call once it is finished
 */
export function removeOnInterrupt(partial: string): () => void {
  function end(signal: NodeJS.Signals): void {
    try {
      // Something may still be written into the folder.
      rmSync(partial, { recursive: true, force: true, maxRetries: 3 });
    } finally {
      restore();
      // The default: without a listener, it ends the process.
      process.kill(process.pid, signal);
    }
  }
  function restore(): void {
    for (const signal of SIGNALS) process.off(signal, end);
  }
  // Not `once`, which removes the listener before the call. The spinner's own listener, which restores the cursor, would
  // then be the only one, and would end the process.
  for (const signal of SIGNALS) process.on(signal, end);
  return restore;
}
