import { expect, test, vi } from 'vitest';
import { train } from '../../../cli/commands/train.ts';
import type { Context } from '../../../cli/context.ts';
import { createOutput } from '../../../cli/output.ts';
import { written } from '../../support/written.ts';

// As in the package, which lacks the SDK that this module imports.
vi.mock('../../../cli/aws/gpu-quota.ts', () => {
  throw new Error("Cannot find package '@aws-sdk/client-service-quotas'");
});

test('graft train announces a job for a GPU, also if it cannot look for the quota', async () => {
  const job = { id: 'job-1', state: 'SUBMITTED', estimate: { target: 'gpu' } };
  const context = { client: { jobs: { submit: async () => job } } as unknown, wakeWorker: () => {}, store: undefined } as Context;
  const out = written('stdout');
  expect(await train({ dataset: 'flowers' }, context, createOutput({ json: true }))).toBe(0);
  expect(JSON.parse(out.text)).toEqual({ job: 'job-1', state: 'SUBMITTED' });
});
