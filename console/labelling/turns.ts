import { mayPass, RETRY_MS } from '../may-pass.ts';

/** Calls a function after a pause. */
export type Later = (act: () => void) => void;

/**
 * Runs a page's requests one after the other.
 * @param work sends all that is not sent yet
 * @param onChange called when a run begins and ends
 */
export function openTurns(
  work: () => Promise<void>,
  onChange: () => void,
  later: Later = (act) => void setTimeout(act, RETRY_MS),
) {
  let failure: unknown;
  let running = 0;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<boolean> | undefined;
  let isPlanned = false;

  /** Runs `act` after everything that was asked for before. @returns whether it succeeded */
  function inTurn(act: () => Promise<void>): Promise<boolean> {
    running++;
    const result = last.then(async () => {
      try {
        await act();
        failure = undefined;
        return true;
      } catch (error) {
        failure = error;
        return false;
      } finally {
        running--;
        onChange();
      }
    });
    last = result;
    onChange();
    return result;
  }

  /** Runs the work, and again later after a failure that may pass. @returns whether all is sent */
  function flush(): Promise<boolean> {
    // One run that waits for its turn sends what all calls until then are about.
    next ??= inTurn(async () => {
      next = undefined;
      try {
        await work();
      } catch (error) {
        if (mayPass(error)) planFlush();
        throw error;
      }
    });
    return next;
  }

  /** One timer at a time, however many runs fail meanwhile. */
  function planFlush(): void {
    if (isPlanned) return;
    isPlanned = true;
    later(() => {
      isPlanned = false;
      void flush();
    });
  }

  return {
    inTurn,
    flush,
    get isRunning(): boolean {
      return running > 0;
    },
    /** What the last run threw. */
    get failure(): unknown {
      return failure;
    },
  };
}
