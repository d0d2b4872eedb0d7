import type { JobEvent, JobEvents } from '../contracts/job-event.ts';

export interface FollowOptions {
  /** Abort it to stop following. The job continues. */
  readonly signal?: AbortSignal;
  /** Milliseconds between requests while there are no new events. Default: 500. */
  readonly intervalMs?: number;
}

/** Iterates over the events of a job until it has ended and all its events have been read. */
export async function* followJob(
  id: string,
  ask: (id: string, page: { after?: string | undefined }) => Promise<JobEvents>,
  { signal, intervalMs = 500 }: FollowOptions = {},
): AsyncGenerator<JobEvent> {
  for (let after: string | undefined; ; ) {
    if (signal?.aborted) return;
    const { events, next, ended } = await ask(id, { after });
    yield* events;
    if (ended) return;
    after = next;
    if (events.length === 0) await pause(intervalMs, signal);
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
