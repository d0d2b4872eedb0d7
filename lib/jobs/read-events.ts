import { PAGE_BYTES, responseBytes } from '../contracts/fit-response.ts';
import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob } from '../contracts/job.ts';
import type { JobEvent, JobEvents } from '../contracts/job-event.ts';
import { SpecError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { placeOf, readSegment, SEGMENT_EVENTS, segmentKey } from './event-segments.ts';

/**
 * Reads a page of a job's events.
 * @param page.after the next of an earlier response; default: from the first event
 * @param page.limit the most events of workers
 * @throws SpecError CURSOR_INVALID
 */
export async function readEvents(
  job: AnyJob,
  store: ObjectStore,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<JobEvents> {
  const from = readCursor(after);
  const { events, attempt, index, more } = await workerEvents(job.id, store, from, limit);
  const last = events.at(-1)?.time;
  // Events after the last one of a full page belong to a later page.
  const changes = (job.history ?? []).slice(from.changes).filter(({ time }) => !more || last === undefined || time <= last);
  const merged = [...changes.map((change) => ({ type: 'state' as const, ...change })), ...events].sort(byTime);
  return {
    events: merged,
    next: `${from.changes + changes.length}.${attempt}.${index}`,
    ended: hasEnded(job) && !more,
  };
}

interface Cursor {
  readonly changes: number;
  readonly attempt: number;
  /** Index among the attempt's events. */
  readonly index: number;
}

function readCursor(after = '0.0.0'): Cursor {
  const [changes = 0, attempt = 0, index = 0] = after.split('.').map(Number);
  if (after.split('.').length === 3 && [changes, attempt, index].every(Number.isSafeInteger)) return { changes, attempt, index };
  throw new SpecError('CURSOR_INVALID', { at: 'query.after', expected: 'the next of an earlier response', received: after });
}

async function workerEvents(job: string, store: ObjectStore, from: Cursor, limit: number) {
  const events: JobEvent[] = [];
  let { attempt, index } = from;
  let bytes = 0;
  const first = segmentKey(job, attempt, Math.floor(index / SEGMENT_EVENTS));
  for await (const { key } of listKeys(store, `${storeKeys.events.prefix}${job}/`)) {
    if (key < first) continue;
    const place = placeOf(key);
    if (place.attempt > attempt) index = 0;
    attempt = place.attempt;
    for (const event of (await readSegment(store, key)).slice(Math.max(0, index - place.segment * SEGMENT_EVENTS))) {
      bytes += responseBytes(event) + 1;
      if (events.length === limit || (events.length > 0 && bytes > PAGE_BYTES)) return { events, attempt, index, more: true };
      events.push(event);
      index++;
    }
  }
  return { events, attempt, index, more: false };
}

function byTime(one: JobEvent, other: JobEvent): number {
  if (one.time === other.time) return 0;
  return one.time < other.time ? -1 : 1;
}
