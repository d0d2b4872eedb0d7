import { describe, expect, test } from 'vitest';
import { followJob } from '../../../cli/commands/follow-job.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { RuntimeError } from '../../../lib/errors.ts';

/** As Ctrl-C, but only for the listener of the command. */
const interrupt = () => process.listeners('SIGINT').at(-1)?.('SIGINT');

const running = { id: 'job-1', state: 'RUNNING', attempt: 1, updatedAt: new Date(0).toISOString() };

test.each([
  { job: 'a job', hangs: 'the first request', answered: 0, known: {}, document: { job: 'job-1' } },
  {
    job: 'a new job',
    hangs: 'the first request',
    answered: 0,
    known: { state: 'SUBMITTED' as const },
    document: { job: 'job-1', state: 'SUBMITTED' },
  },
  {
    job: 'a new job',
    hangs: 'a later request',
    answered: 1,
    known: { state: 'SUBMITTED' as const },
    document: { job: 'job-1', state: 'RUNNING' },
  },
])('Ctrl-C during $hangs that hangs leaves $job, and prints one document', async ({ answered, known, document }) => {
  let asked = 0;
  const jobs = {
    async events(_id: string, _page: unknown, { signal }: { signal: AbortSignal }) {
      if (asked++ < answered) return { events: [{ type: 'log' }], ended: false };
      queueMicrotask(interrupt);
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
    get: async () => running,
  };
  const documents: unknown[] = [];
  const output = { progress() {}, endProgress() {}, note() {}, script: (value: unknown) => documents.push(value) };
  const context = { client: { jobs } } as unknown as Context;
  expect(await followJob({ id: 'job-1', ...known }, context, output as unknown as Output)).toBeUndefined();
  expect(documents).toEqual([document]);
});

const ended = { ...running, state: 'SUCCEEDED' };
const succeeded = { events: [], ended: true };
const unreachable = new RuntimeError('API_UNREACHABLE', { at: 'http://x', retryable: true });
const refused = new RuntimeError('CREDENTIALS_REFUSED', { received: 'The security token is expired' });

/** Follows a job whose requests for events are answered one after the other. */
async function follow(
  known: { state?: 'SUBMITTED' },
  answers: unknown[],
  { patienceMs = 60_000, found = running as object } = {},
) {
  const jobs = {
    async events() {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    get: async () => (answers.length === 0 ? ended : found),
  };
  const notes: string[] = [];
  const output = { progress() {}, endProgress() {}, note: (text: string) => notes.push(text), script() {} };
  const context = { client: { jobs } } as unknown as Context;
  const outage = { patienceMs, retryMs: 0 };
  const job = followJob({ id: 'job-1', ...known }, context, output as unknown as Output, { outage });
  return { notes, end: await job.catch((error: unknown) => error) };
}

describe('while the API fails', () => {
  const known = { state: 'SUBMITTED' as const };
  const comeBack = 'The job goes on:\n  graft job job-1 --follow';

  test('a known job is followed further, and one note tells why nothing moves', async () => {
    const { notes, end } = await follow(known, [unreachable, unreachable, unreachable, succeeded]);
    expect(end).toEqual(ended);
    expect(notes).toEqual([expect.stringMatching(/^Api unreachable at http:\/\/x.*\nThe command tries again for 1 min\.$/)]);
  });

  test('the command gives up in the end, and says how to come back', async () => {
    const { notes, end } = await follow(known, [unreachable], { patienceMs: -1 });
    expect(end).toBe(unreachable);
    expect(notes).toEqual([comeBack]);
  });

  test('an error that waiting does not help ends the command at once, and says how to come back', async () => {
    const { notes, end } = await follow(known, [{ events: [{ type: 'log' }], ended: false }, refused]);
    expect(end).toBe(refused);
    expect(notes).toEqual([comeBack]);
  });

  test('a job that has ended does not go on', async () => {
    const { notes, end } = await follow({}, [{ events: [{ type: 'log' }], ended: false }, refused], { found: ended });
    expect(end).toBe(refused);
    expect(notes).toEqual([]);
  });

  test('the first request for a typed id is not repeated', async () => {
    const { notes, end } = await follow({}, [unreachable]);
    expect(end).toBe(unreachable);
    expect(notes).toEqual([]);
  });
});
