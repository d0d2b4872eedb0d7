import { useEffect, useState } from 'preact/hooks';
import { hasEnded } from '../lib/contracts/has-ended.ts';
import type { AnyJob } from '../lib/contracts/job.ts';
import type { JobEvent } from '../lib/contracts/job-event.ts';
import { cancellable, generation, isUnreachable } from './api.ts';
import { mayPass, RETRY_MS } from './may-pass.ts';

const POLL_MS = 700;

export interface FollowedJob {
  readonly job: AnyJob | undefined;
  readonly events: readonly JobEvent[];
  readonly error: unknown;
  /** Shows a newer record that an action returned. */
  update(job: AnyJob): void;
}

/** Follows a job and its events until it has ended; a failure that may pass only pauses it. The last record stays. */
export function useJob(id: string): FollowedJob {
  const [job, setJob] = useState<AnyJob>();
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const [error, setError] = useState<unknown>();

  useEffect(() => {
    let isCurrent = true;
    const controller = new AbortController();
    const client = cancellable(controller.signal);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let after: string | undefined;
    let all: readonly JobEvent[] = [];

    async function step(): Promise<void> {
      let isDone = false;
      let pause = POLL_MS;
      try {
        const [record, page] = await Promise.all([client.jobs.get(id), client.jobs.events(id, { after, limit: 1000 })]);
        if (!isCurrent) return;
        after = page.next;
        all = page.events.length === 0 ? all : [...all, ...page.events];
        isDone = hasEnded(record) && page.ended;
        setJob(record);
        setEvents(all);
        setError(undefined);
      } catch (thrown) {
        if (!isCurrent) return;
        // The shell says that the server does not answer.
        if (!isUnreachable(thrown)) setError(thrown);
        if (!mayPass(thrown)) return;
        pause = RETRY_MS;
      }
      if (!isDone) timer = setTimeout(step, pause);
    }
    void step();
    return () => {
      isCurrent = false;
      controller.abort();
      clearTimeout(timer);
    };
  }, [id, generation.value]);

  return { job, events, error, update: setJob };
}
