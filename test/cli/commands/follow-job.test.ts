import { expect, test } from 'vitest';
import { followJob } from '../../../cli/commands/follow-job.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';

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
