import { setTimeout as wait } from 'node:timers/promises';

/** Work often follows other work within seconds, such as the next command of a script. */
const IDLE_MS = 5_000;
const CHECK_MS = 100;

export interface IdleOptions {
  readonly signal: AbortSignal;
  /** Checks whether there is work that needs the machine more. An error counts as such work. */
  readonly isBusy: () => boolean | Promise<boolean>;
  /** Milliseconds without work before the task begins. Default: 5,000. */
  readonly idleMs?: number;
}

/**
 * Runs a task of little importance after a while without work.
 * @param task must end when its signal aborts, which it does as soon as there is work
 * @returns whether the task came to its end: false if the signal aborted, or if there was work
 * @throws as the task
 */
export async function whileIdle(
  task: (signal: AbortSignal) => Promise<void>,
  { signal, isBusy, idleMs = IDLE_MS }: IdleOptions,
): Promise<boolean> {
  const [work, end] = [new AbortController(), new AbortController()];
  const until = AbortSignal.any([signal, work.signal]);
  const watching = abortWhen(isBusy, work, AbortSignal.any([until, end.signal]));
  try {
    await wait(idleMs, undefined, { signal: until });
    await task(until);
    return !until.aborted;
  } catch (error) {
    if (until.aborted) return false;
    throw error;
  } finally {
    end.abort();
    await watching;
  }
}

async function abortWhen(isBusy: IdleOptions['isBusy'], work: AbortController, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    try {
      if (await isBusy()) work.abort();
    } catch (error) {
      work.abort(error);
    }
    await wait(CHECK_MS, undefined, { signal: until }).catch(() => undefined);
  }
}
