import { setTimeout as wait } from 'node:timers/promises';
import { errorJson } from '../../lib/errors.ts';
import type { Log } from '../../lib/ports.ts';

export interface LoopOptions {
  /** No run begins after it. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Acts again and again, with a pause after each run. A failure is logged, and the next run follows. */
export async function every(milliseconds: number, act: () => Promise<void>, { signal, log }: LoopOptions): Promise<void> {
  while (!signal.aborted) {
    await act().catch((error) => log('worker.failed', { error: errorJson(error) }));
    await wait(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
