import { describe, expect, test } from 'vitest';
import { asAwsError } from '../../../lib/aws/aws-errors.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { CapacityError } from '../../../lib/errors.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { STALE_SECONDS } from '../../../lib/jobs/message-times.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { Compute } from '../../../lib/ports.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('of two dispatchers that claim a job at the same time, one starts its attempt', async () => {
  const world = testWorld();
  const compute = recordingCompute();
  const { id } = await submitJob(spec, world);
  const store = contendedStore(world.store, () => dispatchJob(id, compute, world));
  expect(await dispatchJob(id, compute, { ...world, store })).toBeUndefined();
  expect(compute.started).toEqual([{ job: id, attempt: 1 }]);
});

describe('a start that fails', () => {
  const failing = (error: Error): Compute => ({ ...recordingCompute(), start: () => Promise.reject(error) });
  const busy = failing(new CapacityError('TOO_MANY_REQUESTS', { retryable: true, fix: 'nothing: it is tried again' }));

  test('is tried again by a new message, after a longer wait each time, and makes no dead letter', async () => {
    const world = testWorld();
    const { trainings } = world.queues;
    const { id } = await submitJob(spec, world);
    for (let start = 1; start <= 8; start++) {
      const [delivery] = await trainings.receive({ max: 1, visibilitySeconds: 60 });
      expect(delivery).toMatchObject({ message: { job: id }, receiveCount: 1 });
      expect(await dispatchJob(id, busy, world)).toBeUndefined();
      await trainings.acknowledge(delivery!.receipt);
      await world.clock.advance(7);
      expect(await trainings.receive({ max: 1, visibilitySeconds: 60 }), 'not at once').toEqual([]);
      await world.clock.advance(900);
    }
    expect(await trainings.deadLetters()).toEqual([]);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 8 });
    expect(await dispatchJob(id, recordingCompute(), world)).toBe(9);
  });

  test('pauses for less time than it takes until its message counts as lost', async () => {
    const world = testWorld();
    const { trainings } = world.queues;
    const { id } = await submitJob(spec, world);
    for (let start = 1; start <= 8; ) {
      for (const { receipt } of await trainings.receive({ max: 10, visibilitySeconds: 60 })) {
        await dispatchJob(id, busy, world);
        await trainings.acknowledge(receipt);
        start++;
      }
      await reconcileJobs(recordingCompute(), world, { staleSeconds: STALE_SECONDS });
      expect(await trainings.size()).toBe(1);
      await world.clock.advance(15);
    }
  });

  test('because AWS Batch has no queue yet is tried again, and the job runs once it has one', async () => {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    const missing = failing(
      asAwsError(id, Object.assign(new Error('JobQueue graft-gpu not found.'), { name: 'ClientException' })),
    );
    for (let start = 1; start <= 2; start++) expect(await dispatchJob(id, missing, world)).toBeUndefined();
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'COMPUTE_MISSING' } });
    expect(await dispatchJob(id, recordingCompute(), world)).toBe(3);
  });

  test('for good has failed the job with its reason', async () => {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    await expect(dispatchJob(id, failing(new CapacityError('NO_SUCH_MACHINE')), world)).rejects.toThrow();
    expect(await readJob(id, world.store)).toMatchObject({ state: 'FAILED', error: { code: 'NO_SUCH_MACHINE' } });
  });
});
