import { expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;
const perHour: JobEstimate = {
  target: 'gpu',
  instance: 'g4dn.xlarge',
  seconds: 60,
  dollars: 0.1,
  dollarsPerHour: 6,
  parts: [],
  reason: 'as asked',
};

async function limitedJob(compute: { maxMinutes?: number; maxCost?: number }) {
  const world = testWorld();
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash', compute });
  const { id } = await submitJob(spec, undefined, world, perHour);
  /** An attempt that works for as long as it is let, as fit does it, saying each second that it lives. */
  const attempt = async (seconds: number): Promise<number> => {
    const number = (await dispatchJob(id, recordingCompute(), world)) ?? 0;
    let worked = 0;
    const work = async (_: unknown, { flush, signal }: JobContext) => {
      for (; worked < seconds && !signal.aborted; worked++) {
        await world.clock.advance(1);
        await flush();
      }
      throw new RuntimeError('TRAINING_INTERRUPTED', { cause: signal.reason, retryable: true });
    };
    await workOnJob({ job: id, attempt: number }, work, world, never);
    return worked;
  };
  return { world, attempt, job: () => readJob(world.store, id) };
}

test.each([
  [{ maxMinutes: 2 }, 120, 'MAX_MINUTES'],
  [{ maxCost: 0.1 }, 60, 'MAX_COST'],
  [{ maxMinutes: 2, maxCost: 0.1 }, 60, 'MAX_COST'],
])('a job with %j is stopped after %d seconds for good, with %s', async (limits, seconds, code) => {
  const { attempt, job } = await limitedJob(limits);
  expect(await attempt(1000)).toBe(seconds);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code, fix: expect.stringContaining('checkpoint') } });
});

test('attempts add up, and waiting between them does not', async () => {
  const { world, attempt, job } = await limitedJob({ maxMinutes: 2 });
  expect(await attempt(50)).toBe(50);
  expect(await job()).toMatchObject({ state: 'SUBMITTED' });
  await world.clock.advance(3600);
  expect(await attempt(1000)).toBe(70);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code: 'MAX_MINUTES' } });
});

test('a job without limits goes on', async () => {
  const { attempt, job } = await limitedJob({});
  expect(await attempt(5000)).toBe(5000);
  expect(await job()).toMatchObject({ state: 'SUBMITTED' });
});
