import type { JobEvent, JobEvents } from '../contracts/job-event.ts';
import { pause } from './pause.ts';

export interface FollowOptions {
  /** Abort it to stop following. The job continues. */
  readonly signal?: AbortSignal;
  /** Milliseconds between requests while there are no new events. Default: 500. */
  readonly intervalMs?: number;
}

/** Iterates over the events of a job until it has ended and all its events have been read. */
export async function* followJob(
  id: string,
  ask: (id: string, page: { after?: string | undefined }, options: { signal?: AbortSignal }) => Promise<JobEvents>,
  { signal, intervalMs = 500 }: FollowOptions = {},
): AsyncGenerator<JobEvent> {
  for (let after: string | undefined; !signal?.aborted; ) {
    const page = await ask(id, { after }, signal ? { signal } : {}).catch((error: unknown) => {
      if (signal?.aborted) return undefined;
      throw error;
    });
    if (page === undefined) return;
    const { events, next, ended } = page;
    yield* events;
    if (ended) return;
    after = next;
    if (events.length === 0) await pause(intervalMs, signal);
  }
}
