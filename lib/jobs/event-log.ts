/**
 * The events of an attempt, in segments that only this attempt writes; the last segment is rewritten as it grows. A
 * replaced worker writes only to the segments of its own attempt.
 */
import { z } from 'zod';
import { PAGE_BYTES, responseBytes } from '../contracts/fit-response.ts';
import type { AnyJob, InterimResult, JobProgress } from '../contracts/job.ts';
import { JobEvent, type JobEvents } from '../contracts/job-event.ts';
import { errorJson, SpecError } from '../errors.ts';
import type { JobAttempt, Log, ObjectStore, World } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { hasEnded } from './life-cycle.ts';
import { parseOrDrop } from './parse-or-drop.ts';

/** Events per segment, which is read and written as a whole. */
const SEGMENT_EVENTS = 200;
/** The most log lines that are kept for an attempt; epochs and stages are always kept. */
const MOST_LINES = 2_000;
const LONGEST_LINE = 1_000;
/** Log lines that an error includes. */
const ERROR_LINES = 20;

const Segment = z.array(JobEvent);

export interface EventLog {
  /** The world's log, whose lines are also kept as events. */
  readonly log: Log;
  progress(progress: JobProgress): void;
  interim(interim: InterimResult): void;
  /** Writes pending events. A failure is only logged, because the work matters more than its log. */
  flush(): Promise<void>;
  /** The last lines, newest last. */
  lastLines(): string[];
}

/** Opens the event log of an attempt. */
export function openEventLog({ job, attempt }: JobAttempt, { store, clock, log }: World): EventLog {
  let segment = 0;
  let events: JobEvent[] = [];
  let dirty = false;
  let lines: string[] = [];
  let linesKept = 0;
  let stage: JobProgress['stage'] | undefined;
  let writing: Promise<void> = Promise.resolve();

  const when = () => ({ time: clock.now().toISOString(), attempt });
  const add = (event: JobEvent) => {
    const fitting = parseOrDrop(JobEvent, event, 'event.dropped', (dropped, values) => log(dropped, { job, attempt, ...values }));
    if (fitting === undefined) return;
    events.push(fitting);
    dirty = true;
  };

  async function write(): Promise<void> {
    if (!dirty) return;
    dirty = false;
    while (events.length > 0) {
      const now = events.slice(0, SEGMENT_EVENTS);
      await store.put(segmentKey(job, attempt, segment), new TextEncoder().encode(JSON.stringify(now)));
      if (now.length < SEGMENT_EVENTS) return;
      events = events.slice(SEGMENT_EVENTS);
      segment++;
    }
  }

  return {
    log(event, values = {}) {
      log(event, values);
      // Epochs have their own events.
      if (event === 'epoch') return;
      const line = lineOf(event, values);
      lines = [...lines, line].slice(-ERROR_LINES);
      if (linesKept++ < MOST_LINES) add({ type: 'log', ...when(), line });
    },
    progress(progress) {
      if (progress.stage !== stage) add({ type: 'stage', ...when(), stage: progress.stage });
      stage = progress.stage;
      if (progress.trial !== undefined) add({ type: 'trial', ...when(), ...progress.trial });
      if (progress.stage === 'train' && progress.done > 0 && progress.loss !== undefined)
        add({
          type: 'epoch',
          ...when(),
          ...(progress.phase !== undefined && { phase: progress.phase }),
          epoch: progress.done,
          epochs: progress.total,
          ...metricsOf(progress),
        });
    },
    interim(result) {
      add({ type: 'interim', ...when(), ...result });
    },
    flush() {
      writing = writing.then(write).catch((error) => log('events.failed', { job, attempt, error: errorJson(error) }));
      return writing;
    },
    lastLines: () => lines,
  };
}

/** Reads the last lines that an attempt logged, newest last. */
export async function readLastLines({ job, attempt }: JobAttempt, store: ObjectStore): Promise<string[]> {
  let last: string | undefined;
  for await (const { key } of listKeys(store, attemptPrefix(job, attempt))) last = key;
  if (last === undefined) return [];
  const events = await readSegment(store, last);
  return events.flatMap((event) => (event.type === 'log' ? [event.line] : [])).slice(-ERROR_LINES);
}

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

async function readSegment(store: ObjectStore, key: string): Promise<JobEvent[]> {
  const object = await store.get(key);
  return object === undefined ? [] : Segment.parse(JSON.parse(new TextDecoder().decode(object.body)));
}

function attemptPrefix(job: string, attempt: number): string {
  return `${storeKeys.events.prefix}${job}/${`${attempt}`.padStart(4, '0')}-`;
}

function segmentKey(job: string, attempt: number, segment: number): string {
  return `${attemptPrefix(job, attempt)}${`${segment}`.padStart(6, '0')}.json`;
}

function placeOf(key: string): { attempt: number; segment: number } {
  const [attempt = 0, segment = 0] = key
    .slice(key.lastIndexOf('/') + 1, -'.json'.length)
    .split('-')
    .map(Number);
  return { attempt, segment };
}

function byTime(one: JobEvent, other: JobEvent): number {
  if (one.time === other.time) return 0;
  return one.time < other.time ? -1 : 1;
}

/** JSON has no NaN, so a loss that is not a number is left out. */
function metricsOf({ loss, accuracy, validationLoss, validationAccuracy }: JobProgress) {
  return {
    ...(isNumber(loss) && { loss }),
    ...(isNumber(accuracy) && { accuracy }),
    ...(isNumber(validationLoss) && { validationLoss }),
    ...(isNumber(validationAccuracy) && { validationAccuracy }),
  };
}

function isNumber(value: number | undefined): value is number {
  return Number.isFinite(value);
}

function lineOf(event: string, values: Readonly<Record<string, unknown>>): string {
  const { job: _, attempt: __, stack: ___, ...shown } = values;
  const pairs = Object.entries(shown).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [event, ...pairs].join(' ').slice(0, LONGEST_LINE);
}
