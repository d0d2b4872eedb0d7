import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { awaitResult } from '../../../cli/commands/await-result.ts';
import { evaluate } from '../../../cli/commands/evaluate.ts';
import { exportTo } from '../../../cli/commands/export.ts';
import { predictBatch } from '../../../cli/commands/predict-batch.ts';
import { train } from '../../../cli/commands/train.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import type { JobRecord } from '../../../lib/contracts/job.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { silent } from '../../support/silent.ts';

const exporting = { to: 'onnx', precision: 'int8', maxLoss: 0.01 } as const;

/** The commands that follow a job to its result, with the kind of the job. */
const commands: { command: string; kind: string; run: (context: Context, output: Output) => Promise<number> }[] = [
  { command: 'train', kind: 'train', run: (...to) => train({ dataset: 'flowers', wait: true }, ...to) },
  { command: 'evaluate', kind: 'evaluate', run: (...to) => evaluate('flowers', { dataset: 'tulips' }, ...to) },
  {
    command: 'predict-batch',
    kind: 'batch-predict',
    run: (...to) => predictBatch('flowers', 'tulips', { out: join(temporaryFolder(), 'lines.jsonl') }, ...to),
  },
  { command: 'export', kind: 'export', run: (...to) => exportTo('flowers', join(temporaryFolder(), 'out'), exporting, ...to) },
];

const submitted = { id: 'job-1', state: 'SUBMITTED' };

/** A client of an API whose only job, of this kind, ends as told. */
function contextOf(kind: string, ended: object): Context {
  const submit = async () => ({ ...submitted, kind });
  const jobs = {
    submit,
    events: async () => ({ events: [], ended: true }),
    get: async () => ({ ...submitted, kind, attempt: 1, ...ended }),
  };
  const client = { jobs, models: { evaluate: submit, batchPredict: submit, export: submit } };
  return { client, store: undefined, wakeWorker() {} } as unknown as Context;
}

/** An output that keeps its notes and documents, in their order. */
function recordingOutput() {
  const said: unknown[] = [];
  const output: Output = {
    ...silent,
    note: (text) => said.push(text),
    result: (value) => said.push(value),
    script: (value) => said.push(value),
  };
  return { said, output };
}

describe.each(commands)('graft $command', ({ kind, run }) => {
  const failed = { state: 'FAILED', error: { code: 'DISK_FULL', message: 'The disk is full.' } };

  test.each([
    { how: 'fails', ended: failed, error: failed.error },
    { how: 'is cancelled', ended: { state: 'CANCELLED' }, error: { code: 'JOB_CANCELLED', message: expect.any(String) } },
  ])('reports a job that $how, and fails', async ({ ended, error }) => {
    const { said, output } = recordingOutput();
    expect(await run(contextOf(kind, ended), output)).toBe(1);
    expect(said).toEqual(['job-1 is submitted.', { job: 'job-1', state: ended.state, error }]);
  });

  test('leaves its job at Ctrl-C', async () => {
    const { said, output } = recordingOutput();
    const context = contextOf(kind, {});
    context.client.jobs.events = (_id, _page, { signal } = {}) => {
      // As Ctrl-C, but only for the listener of the command.
      queueMicrotask(() => process.listeners('SIGINT').at(-1)?.('SIGINT'));
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    expect(await run(context, output)).toBe(130);
    expect(said).toEqual([
      'job-1 is submitted.',
      expect.stringMatching(/^The job goes on\./),
      { job: 'job-1', state: 'SUBMITTED' },
    ]);
  });

  test('reports no result of a job that succeeded without one', async () => {
    const { said, output } = recordingOutput();
    const running = run(contextOf(kind, { state: 'SUCCEEDED' }), output);
    await expect(running).rejects.toMatchObject({ code: 'JOB_WITHOUT_RESULT', at: 'job-1' });
    expect(said).toEqual(['job-1 is submitted.']);
  });
});

test('what a command does at the end of its job comes before the report of a failure', async () => {
  const { said, output } = recordingOutput();
  const onEnd = async ({ state }: { state: string }) => void said.push(`ended as ${state}`);
  const job = { ...submitted, kind: 'train' } as JobRecord;
  expect(await awaitResult(job, contextOf('train', { state: 'FAILED' }), output, { onEnd })).toEqual({ status: 1 });
  expect(said).toEqual(['job-1 is submitted.', 'ended as FAILED', expect.objectContaining({ state: 'FAILED' })]);
});
