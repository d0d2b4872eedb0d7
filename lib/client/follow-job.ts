import type { JobEvent, JobEvents } from '../contracts/job-event.ts';

export interface FollowOptions {
  /** Aborted when nobody listens any more; the job goes on. */
  readonly signal?: AbortSignal;
  /** Between two questions while nothing happens; default half a second. */
  readonly intervalMs?: number;
}

/** The events of a job, one after the other, until it has ended and all were told. */
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
