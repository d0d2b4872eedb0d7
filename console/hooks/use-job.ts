import { useState } from 'preact/hooks';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import type { JobEvent, JobEvents } from '../../lib/contracts/job-event.ts';
import { usePolling } from './use-polling.ts';

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

  usePolling<readonly [AnyJob, JobEvents]>(() => {
    let after: string | undefined;
    let all: readonly JobEvent[] = [];
    return {
      load: (client) => Promise.all([client.jobs.get(id), client.jobs.events(id, { after, limit: 1000 })]),
      onValue([record, page]) {
        after = page.next;
        all = page.events.length === 0 ? all : [...all, ...page.events];
        setJob(record);
        setEvents(all);
        setError(undefined);
        return hasEnded(record) && page.ended ? undefined : POLL_MS;
      },
      onError: setError,
    };
  }, [id]);

  return { job, events, error, update: setJob };
}
