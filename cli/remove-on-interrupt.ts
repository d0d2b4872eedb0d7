import { rmSync } from 'node:fs';
import { onInterrupt } from './on-interrupt.ts';

/**
 * Removes an unfinished file or folder at Ctrl-C, which then ends the process.
 * @returns a function to call once it is finished
 */
export function removeOnInterrupt(partial: string): () => void {
  const restoreInterrupt = onInterrupt(() => {
    rmSync(partial, { recursive: true, force: true });
    restoreInterrupt();
    // The default: without a listener, it ends the process.
    process.kill(process.pid, 'SIGINT');
  });
  return restoreInterrupt;
}
