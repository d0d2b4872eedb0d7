import { describe, expect, test } from 'vitest';
import type { JobState } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { CLAIM_SECONDS, claimed, leaseRenewed, started, succeeded } from '../../../lib/jobs/life-cycle.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { JobAttempt } from '../../../lib/ports.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { jobResult } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('a worker that cannot be stopped keeps no job from being cancelled', async () => {
  const world = testWorld();
  const compute = { ...recordingCompute(), stop: () => Promise.reject(new Error('no answer')) };
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, compute, world);
  expect(await cancelJob(id, compute, world)).toMatchObject({ state: 'CANCELLED' });
  expect(world.events).toContain('stop.failed');
});

test('a worker is stopped whose handle is recorded just before the job is cancelled', async () => {
  const world = testWorld();
  const { store, clock } = world;
  const compute = recordingCompute();
  const { id } = await submitJob(spec, world);
  await changeJob(id, store, (job) => claimed(job, clock.now()));
  const contended = contendedStore(store, () => changeJob(id, store, (job) => started(job, 1, 'late', clock.now())));
  expect(await cancelJob(id, compute, { ...world, store: contended })).toMatchObject({ state: 'CANCELLED' });
  expect(compute.stopped).toEqual(['late']);
});

test('a worker is stopped although what follows fails: nobody has its handle any more', async () => {
  const world = testWorld();
  const compute = recordingCompute();
  const webhook = { url: 'https://example.com/' };
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash', webhook }), world);
  await dispatchJob(id, compute, world);
  const webhooks = { ...world.queues.webhooks, send: () => Promise.reject(new Error('no answer')) };
  await expect(cancelJob(id, compute, { ...world, queues: { ...world.queues, webhooks } })).rejects.toThrow('no answer');
  expect(await readJob(id, world.store)).toMatchObject({ state: 'CANCELLED' });
  expect(compute.stopped).toEqual([`${id}/1`]);
  // The tracker does the rest.
  await reconcileJobs(compute, world, { staleSeconds: 3600 });
  expect(await world.queues.webhooks.size()).toBe(1);
});

describe('a start whose handle comes late', () => {
  /** Starts the job, and lets something happen before the dispatcher has recorded the handle. */
  async function dispatchDuring(meanwhile: (id: string, world: ReturnType<typeof testWorld>) => Promise<unknown>) {
    const world = testWorld();
    const compute = recordingCompute();
    const { id } = await submitJob(spec, world);
    const slow = {
      ...compute,
      async start(attempt: JobAttempt) {
        const handle = await compute.start(attempt);
        await meanwhile(id, world);
        return handle;
      },
    };
    return { id, world, compute, attempt: await dispatchJob(id, slow, world) };
  }

  test.each<[string, JobState, (id: string, world: ReturnType<typeof testWorld>) => Promise<unknown>]>([
    ['the job was cancelled', 'CANCELLED', (id, world) => cancelJob(id, recordingCompute(), world)],
    [
      'the attempt was replaced',
      'SUBMITTED',
      async (_, world) => {
        await world.clock.advance(CLAIM_SECONDS + 1);
        await reconcileJobs(recordingCompute(), world, { staleSeconds: 3600 });
      },
    ],
  ])('is stopped if %s meanwhile', async (_, state, meanwhile) => {
    const { id, world, compute, attempt } = await dispatchDuring(meanwhile);
    expect(attempt).toBeUndefined();
    expect(compute.stopped).toEqual([`${id}/1`]);
    expect(world.events).toContain('attempt.stopped');
    expect(world.events).not.toContain('attempt.started');
    const job = await readJob(id, world.store);
    expect(job).toMatchObject({ state });
    expect(job.handle).toBeUndefined();
  });

  test('goes on if its worker has started meanwhile, and is not stopped if the worker was done', async () => {
    const running = await dispatchDuring((id, { store, clock }) =>
      changeJob(id, store, (job) => leaseRenewed(job, 1, clock.now())),
    );
    expect(running.attempt).toBe(1);
    expect(await readJob(running.id, running.world.store)).toMatchObject({ state: 'RUNNING', handle: `${running.id}/1` });
    const done = await dispatchDuring((id, { store, clock }) =>
      changeJob(id, store, (job) => succeeded(job, 1, jobResult, clock.now())),
    );
    expect(done.attempt).toBe(1);
    expect([...running.compute.stopped, ...done.compute.stopped]).toEqual([]);
  });
});
