import { describe, expect, test } from 'vitest';
import type { AnyJob, StateChange } from '../../../lib/contracts/job.ts';
import type { JobEvent } from '../../../lib/contracts/job-event.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { openEventLog, readLastLines } from '../../../lib/jobs/event-log.ts';
import { segmentKey } from '../../../lib/jobs/event-segments.ts';
import { readEvents } from '../../../lib/jobs/read-events.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { testWorld } from '../../support/world.ts';

/** A job with these events of its first attempt. */
async function jobWith(events: unknown) {
  const world = testWorld();
  const job = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await world.store.put(segmentKey(job.id, 1, 0), Buffer.from(JSON.stringify(events)));
  return { job, world };
}

/** Reads all pages. */
async function readPages(job: AnyJob, store: ObjectStore, limit: number): Promise<JobEvent[][]> {
  const pages: JobEvent[][] = [];
  for (let after: string | undefined, more = true; more; ) {
    const { events, next } = await readEvents(job, store, { after, limit });
    pages.push(events);
    more = next !== after;
    after = next;
  }
  return pages;
}

/** 12:00 and some seconds. */
function at(seconds: number): string {
  return `2026-01-01T12:00:${`${seconds}`.padStart(2, '0')}.000Z`;
}

function line(seconds: number, text: string): JobEvent {
  return { type: 'log', time: at(seconds), attempt: 1, line: text };
}

describe('events of a newer Graft', () => {
  const future = { type: 'future', time: at(2), attempt: 1, what: [] };
  const stored = [line(1, 'first'), future, { ...line(3, 'second'), host: 'a' }, future, line(4, 'third'), future];
  const known = [line(1, 'first'), line(3, 'second'), line(4, 'third')];

  test.each([1, 2, 100])('are read without members and types that this one does not know, %d at a time', async (limit) => {
    const { job, world } = await jobWith(stored);
    const pages = await readPages({ ...job, history: [] }, world.store, limit);
    expect(pages.flat()).toEqual(known);
  });

  test('count in the cursor, so that an updated server continues in the right place', async () => {
    const { job, world } = await jobWith(stored);
    const { next } = await readEvents({ ...job, history: [] }, world.store, { limit: 100 });
    expect(next).toBe(`0.1.${stored.length}`);
  });

  test('do not hide the last lines of the log', async () => {
    const { job, world } = await jobWith(stored);
    expect(await readLastLines({ job: job.id, attempt: 1 }, world.store)).toEqual(['first', 'second', 'third']);
  });
});

test.each([
  ['an unknown stage', { type: 'stage', stage: 'polishing' }],
  ['an unknown state', { type: 'state', state: 'paused', by: { user: 'a' } }],
  ['an unknown phase', { type: 'epoch', phase: 'distilling', epoch: 1, epochs: 2 }],
  ['a number in another range', { type: 'epoch', epoch: 0, epochs: 2 }],
])('an event with %s hides no others', async (_, event) => {
  const events = [line(1, 'first'), { time: at(2), attempt: 1, ...event }, line(3, 'last')];
  const { job, world } = await jobWith(events);
  const read = await readEvents({ ...job, history: [] }, world.store, { limit: 100 });
  expect(read).toMatchObject({ events: [line(1, 'first'), line(3, 'last')], next: '0.1.3' });
});

const WHEN = { time: at(1), attempt: 1 };

test.each([
  ['no list', { type: 'log' }],
  ['a list of something else', [{ type: 'log', line: null }]],
  ['a list of words', ['log']],
  ['an object without a type', [{ ...WHEN, line: '' }]],
  ['a line that is a number', [{ type: 'log', ...WHEN, line: 1 }]],
  ['a stage that is a number', [{ type: 'stage', ...WHEN, stage: 1 }]],
  ['an epoch without its number', [{ type: 'epoch', ...WHEN, epochs: 2 }]],
])('%s instead of events is an unreadable document', async (_, stored) => {
  const { job, world } = await jobWith(stored);
  await expect(readEvents(job, world.store, { limit: 100 })).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
    at: expect.stringContaining(segmentKey(job.id, 1, 0)),
  });
});

describe('state changes and events, page by page', () => {
  const change = (state: StateChange['state'], seconds: number): StateChange => ({ state, time: at(seconds), attempt: 1 });
  const lines = [10, 20, 30, 40].map((seconds) => line(seconds, `at ${seconds}`));

  test.each([
    ['goes forwards', [5, 15, 25, 50]],
    ['was set back between changes', [5, 45, 15, 35]],
    ['was set back before the first event', [55, 56, 5, 6]],
    ['was set back to before the job', [3, 2, 1, 0]],
  ])('the changes are the history where the clock %s', async (_, [submitted = 0, starting = 0, running = 0, ended = 0]) => {
    const { job, world } = await jobWith(lines);
    const history = [
      change('SUBMITTED', submitted),
      change('STARTING', starting),
      change('RUNNING', running),
      change('SUCCEEDED', ended),
    ];
    const events = (await readPages({ ...job, history }, world.store, 1)).flat();
    expect(events.filter(({ type }) => type === 'state')).toEqual(history.map((each) => ({ type: 'state', ...each })));
    expect(events.filter(({ type }) => type === 'log')).toEqual(lines);
  });

  test('come by time', async () => {
    const { job, world } = await jobWith(lines);
    const history = [change('SUBMITTED', 5), change('RUNNING', 20), change('SUCCEEDED', 50)];
    const { events } = await readEvents({ ...job, history }, world.store, { limit: 100 });
    expect(events.map(({ time }) => time)).toEqual([5, 10, 20, 20, 30, 40, 50].map(at));
    expect(events.map(({ type }) => type)).toEqual(['state', 'log', 'state', 'log', 'log', 'log', 'state']);
  });
});

test('events that could not be written are written by the next flush', async () => {
  const world = testWorld();
  const job = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  let failures = 1;
  const put: ObjectStore['put'] = (...given) =>
    failures-- > 0 ? Promise.reject(new Error('the network is gone')) : world.store.put(...given);
  const attempt = { job: job.id, attempt: 1 };
  const events = openEventLog(attempt, { ...world, store: { ...world.store, put } });
  events.log('weights.read');
  await events.flush();
  expect(await readLastLines(attempt, world.store)).toEqual([]);
  expect(world.events).toContain('events.failed');
  await events.flush();
  expect(await readLastLines(attempt, world.store)).toEqual(['weights.read']);
});

describe('an attempt whose container was started again', () => {
  const attemptOf = ({ id }: AnyJob) => ({ job: id, attempt: 1 });

  /** Writes events in two flushes, the second of which goes on in a further segment if there are many. */
  async function work(job: AnyJob, world: World, lines: readonly string[]): Promise<void> {
    const events = openEventLog(attemptOf(job), world);
    for (const [index, each] of lines.entries()) {
      events.log(each);
      if (index === 0) await events.flush();
    }
    await events.flush();
  }
  const linesOf = (events: readonly JobEvent[]) => events.flatMap((event) => (event.type === 'log' ? [event.line] : []));
  const many = Array.from({ length: 230 }, (_, index) => `first ${index}`);

  test.each([
    { first: ['first 0', 'first 1'], limit: 1 },
    { first: ['first 0', 'first 1'], limit: 100 },
    { first: many, limit: 150 },
  ])(
    'keeps the events of both workers, in order: $first.length lines of the first, $limit at a time',
    async ({ first, limit }) => {
      const { job, world } = await jobWith([]);
      await world.store.delete(segmentKey(job.id, 1, 0));
      await work(job, world, first);
      const before = await readPages({ ...job, history: [] }, world.store, limit);
      await work(job, world, ['second 0', 'second 1']);
      const after = await readPages({ ...job, history: [] }, world.store, limit);
      expect(linesOf(before.flat())).toEqual(first);
      expect(linesOf(after.flat())).toEqual([...first, 'second 0', 'second 1']);
    },
  );

  test('shows the events of the second worker to whom has read those of the first', async () => {
    const { job, world } = await jobWith([line(1, 'first 0'), line(2, 'first 1')]);
    const quiet = { ...job, history: [] };
    const { next } = await readEvents(quiet, world.store, { limit: 100 });
    await work(job, world, ['second 0']);
    const { events, next: last } = await readEvents(quiet, world.store, { after: next, limit: 100 });
    expect(linesOf(events)).toEqual(['second 0']);
    expect((await readEvents(quiet, world.store, { after: last, limit: 100 })).events).toEqual([]);
    expect(await readLastLines(attemptOf(job), world.store)).toEqual(['second 0']);
  });
});
