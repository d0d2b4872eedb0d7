import { PAGE_BYTES, responseBytes } from '../contracts/fit-response.ts';
import { hasEnded } from '../contracts/has-ended.ts';
import type { AnyJob, StateChange } from '../contracts/job.ts';
import type { JobEvent, JobEvents } from '../contracts/job-event.ts';
import { SpecError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { readSegment, SEGMENT_EVENTS, segmentKey, segmentOf } from './event-segments.ts';

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
  const { events, attempt, index, more } = await workerEvents(job.id, from, limit, store);
  const unread = (job.history ?? []).slice(from.changes);
  const changes = more ? changesUpTo(events.at(-1)?.time, unread) : unread;
  return {
    events: merge(
      changes.map((change) => ({ type: 'state', ...change })),
      events,
    ),
    next: `${from.changes + changes.length}.${attempt}.${index}`,
    ended: hasEnded(job) && !more,
  };
}

/**
 * The changes before the first one after a time; those from it on belong to a later page. The cursor counts changes, so
 * they are a part of the history without gaps, also if the clock was set back between two of them.
 */
function changesUpTo(time: string | undefined, changes: readonly StateChange[]): readonly StateChange[] {
  if (time === undefined) return changes;
  const later = changes.findIndex((change) => change.time > time);
  return later === -1 ? changes : changes.slice(0, later);
}

/** Merges state changes and events by time. Each list keeps its order, also if the clock was set back. */
function merge(changes: readonly JobEvent[], events: readonly JobEvent[]): JobEvent[] {
  const merged: JobEvent[] = [];
  let at = 0;
  for (const event of events) {
    for (let change = changes[at]; change !== undefined && change.time <= event.time; change = changes[++at]) merged.push(change);
    merged.push(event);
  }
  return [...merged, ...changes.slice(at)];
}

interface Cursor {
  readonly changes: number;
  readonly attempt: number;
  /** Position of the attempt's next event, as if each segment before its own were full. */
  readonly index: number;
}

function readCursor(after = '0.0.0'): Cursor {
  const [changes = 0, attempt = 0, index = 0] = after.split('.').map(Number);
  if (after.split('.').length === 3 && [changes, attempt, index].every(Number.isSafeInteger)) return { changes, attempt, index };
  throw new SpecError('CURSOR_INVALID', { at: 'query.after', expected: 'the next of an earlier response', received: after });
}

async function workerEvents(job: string, from: Cursor, limit: number, store: ObjectStore) {
  const events: JobEvent[] = [];
  let { attempt, index } = from;
  let bytes = 0;
  const first = segmentKey(job, attempt, Math.floor(index / SEGMENT_EVENTS));
  for await (const { key } of listKeys(store, `${storeKeys.events.prefix}${job}/`)) {
    if (key < first) continue;
    const own = segmentOf(key);
    if (own.attempt > attempt) index = 0;
    attempt = own.attempt;
    index = Math.max(index, own.segment * SEGMENT_EVENTS);
    for (const event of (await readSegment(key, store)).slice(index - own.segment * SEGMENT_EVENTS)) {
      if (event !== undefined) {
        bytes += responseBytes(event) + 1;
        if (events.length === limit || (events.length > 0 && bytes > PAGE_BYTES)) return { events, attempt, index, more: true };
        events.push(event);
      }
      index++;
    }
  }
  return { events, attempt, index, more: false };
}
