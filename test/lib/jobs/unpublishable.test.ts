import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { publishingPause } from '../../../lib/jobs/attempt-limits.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitted } from '../../../lib/jobs/life-cycle.ts';
import { STALE_SECONDS } from '../../../lib/jobs/message-times.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import type { World } from '../../../lib/ports.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

/** An attempt that records its version, and then fails. */
async function failPublishing(code: string, retryable: boolean) {
  const world = testWorld();
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await takeMessage(world);
  await dispatchJob(id, recordingCompute(), world);
  const job = await workOnJob(
    { job: id, attempt: 1 },
    async (record, { beginPublishing }) => {
      const { createdAt } = record;
      await beginPublishing({ package: 'models/trash/', createdAt, backbone: 'b', dataset: 'trash' });
      throw new RuntimeError(code, { expected: 'a package', received: 'none', fix: 'none', retryable });
    },
    world,
    never,
  );
  return { job, world };
}

/** @returns whether there was one */
async function takeMessage({ queues: { trainings } }: World): Promise<boolean> {
  const [delivery] = await trainings.receive({ max: 1, visibilitySeconds: 60 });
  if (delivery !== undefined) await trainings.acknowledge(delivery.receipt);
  return delivery !== undefined;
}

test.each([
  { code: 'DOCUMENT_UNREADABLE', state: 'FAILED' },
  { code: 'MODEL_PACKAGE_MISSING', state: 'FAILED' },
  { code: 'INTERNAL', state: 'SUBMITTED' },
])('a job that has recorded its version, and fails with $code, is $state then', async ({ code, state }) => {
  const { job } = await failPublishing(code, false);
  expect(job).toMatchObject({ state, error: { code } });
});

test.each([
  { error: 'a temporary error', retryable: true, isQueued: true },
  { error: 'any other error', retryable: false, isQueued: false },
])('after $error, queued at once is $isQueued: each attempt starts a machine', async ({ retryable, isQueued }) => {
  const { world } = await failPublishing('INTERNAL', retryable);
  expect(await takeMessage(world)).toBe(isQueued);
  await world.clock.advance(2);
  expect(await takeMessage(world)).toBe(!isQueued);
});

test('the pause grows with the attempts, and ends before the message counts as lost', () => {
  const at = '2030-01-01T00:00:00.000Z';
  const job = submitted('job-zd310wsts-63stns7d9m', { spec: JobSpec.parse({ name: 'a', dataset: 'a' }) }, new Date(at));
  const pauses = [1, 5, 100].map((attempt) => publishingPause({ ...job, attempt }));
  expect(pauses).toEqual([2, 32, 512]);
  expect(Math.max(...pauses)).toBeLessThan(STALE_SECONDS);
});
