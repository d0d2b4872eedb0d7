import { describe, expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { CapacityError, DataError } from '../../../lib/errors.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { jobDocument, listJobs, readJob } from '../../../lib/jobs/job-store.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { jobResult as result } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const id = 'job-zzzzzzzzz-0123456789';
const never = new AbortController().signal;

describe('submitting', () => {
  test('the same id gives the same job, also from 20 clients at once', async () => {
    const world = testWorld();
    const jobs = await Promise.all(Array.from({ length: 20 }, () => submitJob(spec, world, { id })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect(await world.queues.trainings.size()).toBe(1);
  });

  test('the same request again gives the job that has ended, and marks it no more as unfinished', async () => {
    const world = testWorld();
    await submitJob(spec, world, { id });
    await cancelJob(id, recordingCompute(), world);
    expect(await submitJob(spec, world, { id })).toMatchObject({ id, state: 'CANCELLED' });
    expect((await world.store.list('active/')).objects).toEqual([]);
    expect(await world.queues.trainings.size()).toBe(1);
  });

  test.each([
    ['its mark', 0],
    ['its record', 1],
  ])('a request that died before it wrote %s is taken on by its repetition', async (_, written) => {
    const world = testWorld();
    let left = written;
    const dying = {
      ...world.store,
      put: (...put: Parameters<typeof world.store.put>) =>
        left-- > 0 ? world.store.put(...put) : Promise.reject(new Error('died')),
    };
    await expect(submitJob(spec, { ...world, store: dying }, { id })).rejects.toThrow('died');
    const job = await submitJob(spec, world, { id });
    expect(job).toMatchObject({ state: 'SUBMITTED' });
    expect(await submitJob(spec, world, { id })).toEqual(job);
    expect(await world.queues.trainings.size()).toBe(1);
  });

  test('a record that its schema rejects leaves no mark', async () => {
    const world = testWorld();
    await expect(submitJob({ ...spec, name: 'not a name' }, world, { id })).rejects.toThrow('name');
    expect((await world.store.list('active/')).objects).toEqual([]);
  });

  test('jobs are listed newest first, page after page', async () => {
    const world = testWorld();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      ids.unshift((await submitJob(spec, world)).id);
      await world.clock.advance(10);
    }
    const first = await listJobs(world.store, { limit: 3 });
    const second = await listJobs(world.store, { limit: 3, after: first.next });
    expect([...first.jobs, ...second.jobs].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeUndefined();
  });
});

describe('dispatching', () => {
  test('a message that comes twice starts one attempt', async () => {
    const world = testWorld();
    const compute = recordingCompute();
    const { id } = await submitJob(spec, world);
    expect(await dispatchJob(id, compute, world)).toBe(1);
    expect(await dispatchJob(id, compute, world)).toBeUndefined();
    expect(compute.started).toEqual([{ job: id, attempt: 1 }]);
  });

  test('a dispatcher that dies between claim and start loses nothing', async () => {
    const world = testWorld();
    const compute = recordingCompute();
    const { id } = await submitJob(spec, world);
    const asked = Promise.withResolvers<void>();
    const dying = {
      ...compute,
      start() {
        asked.resolve();
        return new Promise<string>(() => {});
      },
    };
    void dispatchJob(id, dying, world);
    await asked.promise;
    await world.clock.advance(10 * 60);
    await reconcileJobs(compute, world, { staleSeconds: 3600 });
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
    expect(await dispatchJob(id, compute, world)).toBe(2);
  });

  test('a record that nobody can read keeps no other job waiting', async () => {
    const world = testWorld();
    const compute = recordingCompute();
    const [broken, other] = [await submitJob(spec, world), await submitJob(spec, world)];
    await world.store.put(jobDocument.key(broken.id), Buffer.from('{'));
    await dispatchJob(other.id, compute, world);
    await world.clock.advance(10 * 60);
    await reconcileJobs(compute, world, { staleSeconds: 3600 });
    expect(await readJob(other.id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  });
});

describe('working', () => {
  async function claimedJob() {
    const world = testWorld();
    const compute = recordingCompute();
    const { id } = await submitJob(spec, world);
    await dispatchJob(id, compute, world);
    return { world, compute, attempt: { job: id, attempt: 1 } };
  }

  test('writes the result, and the job is no longer active', async () => {
    const { world, compute, attempt } = await claimedJob();
    await workOnJob(attempt, async () => result, world, never);
    expect(await readJob(attempt.job, world.store)).toMatchObject({ state: 'SUCCEEDED', result });
    expect(await reconcileJobs(compute, world, { staleSeconds: 1 })).toBe(0);
  });

  test.each([
    ['bad data ends the job', new DataError('CLASS_WITH_ONE_IMAGE', { at: 'x' }), 'FAILED', 'CLASS_WITH_ONE_IMAGE'],
    ['a retryable failure sends it back to the queue', new CapacityError('NO_ROOM', { retryable: true }), 'SUBMITTED', 'NO_ROOM'],
    ['a bug ends the job with its message', new TypeError('x is undefined'), 'FAILED', 'INTERNAL'],
  ])('%s', async (_, error, state, code) => {
    const { world, attempt } = await claimedJob();
    await workOnJob(attempt, () => Promise.reject(error), world, never);
    expect(await readJob(attempt.job, world.store)).toMatchObject({ state, error: { code } });
  });

  test('a worker that was replaced writes nothing', async () => {
    const { world, attempt } = await claimedJob();
    const outcome = await workOnJob(
      attempt,
      async () => {
        await endAttempt(attempt, 'taken for dead', world);
        return result;
      },
      world,
      never,
    );
    expect(outcome).toBeUndefined();
    expect(await readJob(attempt.job, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  });

  test('a worker learns by its next sign of life that its job was cancelled', async () => {
    const { world, compute, attempt } = await claimedJob();
    await workOnJob(
      attempt,
      async (_, { report, signal }) => {
        await cancelJob(attempt.job, compute, world);
        await world.clock.advance(2);
        report({ stage: 'train', done: 1, total: 2 });
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
      world,
      never,
    );
    expect(await readJob(attempt.job, world.store)).toMatchObject({ state: 'CANCELLED' });
    expect(compute.stopped).toEqual([`${attempt.job}/1`]);
  });
});

describe('what was lost', () => {
  test('an attempt whose process has died is replaced', async () => {
    const world = testWorld();
    const compute = recordingCompute();
    const { id } = await submitJob(spec, world);
    await dispatchJob(id, compute, world);
    compute.ended.add(`${id}/1`);
    await reconcileJobs(compute, world, { staleSeconds: 3600 });
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'WORKER_LOST' } });
  });

  test('a worker that computes for longer than its lease is left alone while its process is known to live', async () => {
    const world = testWorld();
    const compute = { ...recordingCompute(), state: async () => 'alive' as const };
    const { id } = await submitJob(spec, world);
    await dispatchJob(id, compute, world);
    await world.clock.advance(3600);
    await reconcileJobs(compute, world, { staleSeconds: 7200 });
    expect(await readJob(id, world.store)).toMatchObject({ state: 'STARTING', attempt: 1 });
  });

  test('a job whose message was lost is sent again, once', async () => {
    const world = testWorld();
    const compute = recordingCompute();
    await submitJob(spec, world);
    const [lost] = await world.queues.trainings.receive({ max: 1, visibilitySeconds: 10 });
    await world.queues.trainings.acknowledge(lost?.receipt ?? '');
    await world.clock.advance(60);
    await reconcileJobs(compute, world, { staleSeconds: 30 });
    await reconcileJobs(compute, world, { staleSeconds: 30 });
    expect(await world.queues.trainings.size()).toBe(1);
  });
});
