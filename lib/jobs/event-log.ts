/** The events of an attempt as its worker writes them, and the last lines of its log. */
import type { InterimResult, JobProgress } from '../contracts/job.ts';
import { JobEvent } from '../contracts/job-event.ts';
import { errorJson } from '../errors.ts';
import type { JobAttempt, Log, ObjectStore, World } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { attemptPrefix, readSegment, SEGMENT_EVENTS, segmentKey, segmentOf } from './event-segments.ts';
import { parseOrDrop } from './parse-or-drop.ts';

/** The most log lines that are kept for an attempt; epochs and stages are always kept. */
const MOST_LINES = 2_000;
const LONGEST_LINE = 1_000;
/** Log lines that an error includes. */
const ERROR_LINES = 20;

export interface EventLog {
  /** The world's log, whose lines are also kept as events. */
  readonly log: Log;
  progress(progress: JobProgress): void;
  interim(interim: InterimResult): void;
  /**
   * Writes pending events. A failure is only logged, because the work matters more than its log; the next flush writes
   * the events again.
   */
  flush(): Promise<void>;
  /** The last lines, newest last. */
  lastLines(): string[];
}

/**
 * Opens the event log of a worker. It begins after the last segment of the attempt: AWS Batch starts the container of an
 * attempt again on another machine if Spot took the first one back.
 */
export function openEventLog({ job, attempt }: JobAttempt, { store, clock, log }: World): EventLog {
  let segment: number | undefined;
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
    segment ??= await firstFreeSegment({ job, attempt }, store);
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
      writing = writing.then(write).catch((error) => {
        // The next flush writes them again.
        dirty = true;
        log('events.failed', { job, attempt, error: errorJson(error) });
      });
      return writing;
    },
    lastLines: () => lines,
  };
}

/** Reads the last lines that an attempt logged, newest last. */
export async function readLastLines(attempt: JobAttempt, store: ObjectStore): Promise<string[]> {
  const last = await lastSegment(attempt, store);
  if (last === undefined) return [];
  const events = await readSegment(last, store);
  return events.flatMap((event) => (event?.type === 'log' ? [event.line] : [])).slice(-ERROR_LINES);
}

async function firstFreeSegment({ job, attempt }: JobAttempt, store: ObjectStore): Promise<number> {
  const last = await lastSegment({ job, attempt }, store);
  return last === undefined ? 0 : segmentOf(last).segment + 1;
}

/** The key of an attempt's last segment. */
async function lastSegment({ job, attempt }: JobAttempt, store: ObjectStore): Promise<string | undefined> {
  let last: string | undefined;
  for await (const { key } of listKeys(store, attemptPrefix(job, attempt))) last = key;
  return last;
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
