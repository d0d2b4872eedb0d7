import { describe, expect, test } from 'vitest';
import { targetedCompute } from '../../../lib/aws/targeted-compute.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { CapacityError } from '../../../lib/errors.ts';
import { MAX_UNSTARTED } from '../../../lib/jobs/attempt-limits.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { activeMark, changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { HUNG_SECONDS, LEASE_SECONDS, leaseRenewed } from '../../../lib/jobs/life-cycle.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { COLD_START_SECONDS, START_EVENT_AGE_SECONDS } from '../../../lib/jobs/start-lease.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { Compute } from '../../../lib/ports.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const stale = { staleSeconds: 36_000 };

describe('a job that cannot be looked after', () => {
  test.each([
    ['an error of ours', new CapacityError('TOO_MANY_REQUESTS', { retryable: true })],
    ['a bug', new TypeError('x is undefined')],
  ])('because of %s keeps no other job waiting, is logged, and is looked after again', async (_, error) => {
    const world = testWorld();
    const compute = recordingCompute();
    const jobs = [];
    for (let i = 0; i < 3; i++) {
      jobs.push((await submitJob(spec, world)).id);
      await dispatchJob(jobs[i]!, compute, world);
      compute.ended.add(`${jobs[i]}/1`);
      await world.clock.advance(1);
    }
    const [older, poison, newer] = jobs as [string, string, string];
    const failing = {
      ...compute,
      state: async (handle: string) => (handle.startsWith(poison) ? Promise.reject(error) : compute.state(handle)),
    };
    expect(await reconcileJobs(failing, world, stale)).toBe(3);
    for (const id of [older, newer]) expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
    expect(world.events).toContain('reconcile.skipped');
    await reconcileJobs(compute, world, stale);
    expect(await readJob(poison, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  });

  test('an error that concerns all of them is not swallowed', async () => {
    const world = testWorld();
    const store = { ...world.store, list: () => Promise.reject(new Error('no listing')) };
    await expect(reconcileJobs(recordingCompute(), { ...world, store }, stale)).rejects.toThrow('no listing');
  });

  test('one whose compute is no longer deployed is replaced when its lease has run out', async () => {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    const lambda = recordingCompute();
    await dispatchJob(
      id,
      targetedCompute({ lambda, gpu: recordingCompute() }, async () => 'gpu'),
      world,
    );
    await changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));
    await world.clock.advance(60);
    await reconcileJobs(
      targetedCompute({ lambda }, async () => 'gpu'),
      world,
      stale,
    );
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST' } });
  });
});

describe('an attempt that Lambda has taken and cannot run yet', () => {
  /** Lambda as its adapter sees it: it takes the call, and nothing can be asked of it. */
  const throttled: Compute = { start: async () => 'lambda:request', stop: async () => {}, state: async () => 'unknown' };

  async function startedJob() {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    await dispatchJob(id, throttled, world);
    return { world, id };
  }

  test('is waited for as long as its call may wait', async () => {
    const { world, id } = await startedJob();
    await world.clock.advance(START_EVENT_AGE_SECONDS);
    await reconcileJobs(throttled, world, stale);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'STARTING', attempt: 1 });
    // A function that begins at the last moment is no stranger.
    await changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));
    expect(await readJob(id, world.store)).toMatchObject({ state: 'RUNNING', attempt: 1 });
  });

  test('does not count as lost, and yet the job ends some day', async () => {
    const { world, id } = await startedJob();
    for (let attempt = 1; attempt < MAX_UNSTARTED; attempt++) {
      await world.clock.advance(3600);
      await reconcileJobs(throttled, world, stale);
      expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'ATTEMPT_NOT_STARTED' } });
      expect(await dispatchJob(id, throttled, world)).toBe(attempt + 1);
    }
    await world.clock.advance(3600);
    await reconcileJobs(throttled, world, stale);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'FAILED', error: { code: 'ATTEMPTS_EXHAUSTED' } });
  });
});

test('with more jobs than a run of the tracker can handle, each job has its turn, and some are handled at once', async () => {
  const world = testWorld();
  const jobs = Array.from({ length: 400 }, (_, i) => `job-zzzzzzzzz-${i}`);
  for (const job of jobs) await world.store.put(activeMark(job), new Uint8Array());
  const handled = new Set<string>();
  let [underWay, most] = [0, 0];
  for (let run = 0; run < 25; run++) {
    let left = 40;
    const get = async (key: string) => {
      // The records do not exist: nothing else is to be done for these jobs.
      if (left-- > 0) handled.add(key);
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      return undefined;
    };
    await reconcileJobs(recordingCompute(), { ...world, store: { ...world.store, get } }, stale);
    await world.clock.advance(60);
  }
  expect(handled.size).toBe(jobs.length);
  expect(most).toBe(16);
});

test('a job waits for room however long, tells why, and uses no attempt', async () => {
  const world = testWorld();
  const { trainings } = world.queues;
  const { id } = await submitJob(spec, world);
  const full = new CapacityError('STORE_FULL', { fix: 'free some disk space', retryable: true });
  const compute = recordingCompute();
  for (let look = 0; look < 2 * MAX_UNSTARTED; look++) {
    const [delivery = expect.fail()] = await trainings.receive({ max: 1, visibilitySeconds: 60 });
    expect(await dispatchJob(id, { ...compute, requireRoom: () => Promise.reject(full) }, world)).toBeUndefined();
    await trainings.acknowledge(delivery.receipt);
    await reconcileJobs(compute, world, { staleSeconds: 60 });
    expect(await trainings.size(), 'one message').toBe(1);
    await world.clock.advance(45);
  }
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 0, error: { code: 'STORE_FULL' } });
  expect(await dispatchJob(id, { ...compute, requireRoom: async () => {} }, world)).toBe(1);
});

test('a worker whose lease has expired is replaced, and then stopped, for it may only hang', async () => {
  const world = testWorld();
  const compute = recordingCompute();
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, compute, world);
  await changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));
  await reconcileJobs(compute, world, stale);
  expect(compute.stopped).toEqual([]);
  await world.clock.advance(60);
  await reconcileJobs(compute, world, stale);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST' } });
  expect(compute.stopped).toEqual([`${id}/1`]);
});

test.each([
  ['has started', false],
  ['has renewed its lease', true],
])('a worker that %s while its lease is looked at is neither replaced nor stopped', async (_, isRunning) => {
  const world = testWorld();
  const compute = recordingCompute();
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, compute, world);
  const alive = () => changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));
  if (isRunning) await alive();
  await world.clock.advance(3600);
  const late: Compute = {
    ...compute,
    async state() {
      await alive();
      return 'unknown';
    },
  };
  await reconcileJobs(late, world, stale);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'RUNNING', attempt: 1 });
  expect(compute.stopped).toEqual([]);
});

test('a submitted job is sent again when it has waited for long, or the clock was set back since', async () => {
  const world = testWorld();
  await submitJob(spec, world);
  const waiting = async () => (await world.queues.trainings.size()) - 1;
  await reconcileJobs(recordingCompute(), world, { staleSeconds: 600 });
  expect(await waiting()).toBe(0);
  await world.clock.advance(601);
  await reconcileJobs(recordingCompute(), world, { staleSeconds: 600 });
  expect(await waiting()).toBe(1);
  await world.clock.advance(-7200);
  for (let round = 0; round < 2; round++) await reconcileJobs(recordingCompute(), world, { staleSeconds: 600 });
  expect(await waiting(), 'once').toBe(2);
});

describe('a worker whose process lives, but whose lease ended long ago', () => {
  const LONG_SECONDS = LEASE_SECONDS + HUNG_SECONDS + 1;

  async function runningJob(state: 'alive' | 'waiting' = 'alive') {
    const world = testWorld();
    const compute = { ...recordingCompute(), state: async () => state };
    const { id } = await submitJob(spec, world);
    await dispatchJob(id, compute, world);
    const beat = (skewSeconds = 0) =>
      changeJob(id, world.store, (job) => leaseRenewed(job, 1, new Date(world.clock.now().getTime() + skewSeconds * 1000)));
    await beat();
    const look = async () => {
      await reconcileJobs(compute, world, stale);
      return readJob(id, world.store);
    };
    return { world, compute, id, beat, look };
  }

  test('hangs, if it sends no heartbeat after it was noted: it is stopped, and its attempt is lost', async () => {
    const { world, compute, id, look } = await runningJob();
    await world.clock.advance(LONG_SECONDS - 2);
    expect(await look()).toMatchObject({ state: 'RUNNING' });
    await world.clock.advance(2);
    for (let waited = 0; waited < COLD_START_SECONDS; waited += 60) {
      expect(await look(), `${waited} s after it was noted`).toMatchObject({ state: 'RUNNING' });
      await world.clock.advance(60);
    }
    expect(compute.stopped).toEqual([]);
    expect(await look()).toMatchObject({ state: 'SUBMITTED', attempt: 1, losses: 1, error: { code: 'WORKER_LOST' } });
    expect(compute.stopped).toEqual([`${id}/1`]);
    expect(world.events).toContain('attempt.hung');
  });

  test('is stopped although the message of its next attempt cannot be sent', async () => {
    const { world, compute, id, look } = await runningJob();
    await world.clock.advance(LONG_SECONDS);
    await look();
    await world.clock.advance(COLD_START_SECONDS);
    const trainings = { ...world.queues.trainings, send: () => Promise.reject(new Error('the disk is full')) };
    await reconcileJobs(compute, { ...world, queues: { ...world.queues, trainings } }, stale);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST' } });
    expect(compute.stopped).toEqual([`${id}/1`]);
  });

  test('goes on after its machine was suspended, also if the reconciler looks before its heartbeat', async () => {
    const { world, compute, beat, look } = await runningJob();
    for (const slept of [8 * 3600, LONG_SECONDS]) {
      await world.clock.advance(slept);
      await look();
      await world.clock.advance(10);
      await beat();
      for (let minute = 0; minute < 5; minute++) {
        await world.clock.advance(60);
        expect(await look()).toMatchObject({ state: 'RUNNING' });
      }
    }
    expect(compute.stopped).toEqual([]);
  });

  test('goes on if the machine was suspended again before its heartbeat', async () => {
    const { world, compute, look } = await runningJob();
    for (const slept of [8 * 3600, LONG_SECONDS, 8 * 3600]) {
      await world.clock.advance(slept);
      expect(await look()).toMatchObject({ state: 'RUNNING' });
    }
    expect(compute.stopped).toEqual([]);
  });

  test('goes on if only its clock is slow', async () => {
    const { world, beat, look } = await runningJob();
    for (let minute = 0; minute < 30; minute++) {
      await beat(-1500);
      await world.clock.advance(60);
      expect(await look()).toMatchObject({ state: 'RUNNING' });
    }
  });

  test('is not stopped if its heartbeat comes while it is looked at', async () => {
    const { world, compute, id, beat, look } = await runningJob();
    await world.clock.advance(LONG_SECONDS);
    await look();
    await world.clock.advance(COLD_START_SECONDS);
    const late: Compute = {
      ...compute,
      async state() {
        await beat();
        return 'alive';
      },
    };
    await reconcileJobs(late, world, stale);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'RUNNING', attempt: 1 });
    expect(compute.stopped).toEqual([]);
  });

  test('is waited for if AWS Batch looks for another machine, because Spot took back the first', async () => {
    const { world, look } = await runningJob('waiting');
    for (let minute = 0; minute < 60; minute++) {
      await world.clock.advance(60);
      expect(await look()).toMatchObject({ state: 'RUNNING', attempt: 1 });
    }
  });
});
