import { mayPass } from '../may-pass.ts';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** Repeats requests of an upload that fail for a reason that may pass, such as a server that is gone. */
export interface Patience {
  /**
   * Repeats a request until it succeeds. Requests that fail at the same time wait together, each time longer.
   * @throws what the request throws for a reason that does not pass
   */
  repeat<Value>(request: () => Promise<Value>): Promise<Value>;
  /** Ends the present pause. */
  skip(): void;
}

/**
 * @param onWait called with the failure when a pause begins, and with undefined once a request succeeds after it
 * @param sleep pauses; the second parameter ends the pause
 */
export function openPatience(onWait: (failure: unknown) => void, sleep = pause): Patience {
  let failures = 0;
  let waiting: Promise<void> | undefined;
  let end = () => {};

  async function wait(failure: unknown): Promise<void> {
    onWait(failure);
    const skipped = new Promise<void>((resolve) => {
      end = resolve;
    });
    await sleep(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS), skipped);
    failures++;
    waiting = undefined;
  }

  return {
    async repeat(request) {
      for (;;) {
        try {
          const value = await request();
          if (failures > 0) onWait(undefined);
          failures = 0;
          return value;
        } catch (failure) {
          if (!mayPass(failure)) throw failure;
          waiting ??= wait(failure);
          await waiting;
        }
      }
    },
    skip: () => end(),
  };
}

async function pause(milliseconds: number, skipped: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([over, skipped]);
  clearTimeout(timer);
}
