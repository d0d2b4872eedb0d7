import { describe, expect, test } from 'vitest';
import type { InterimResult } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { finishJob } from '../../../lib/jobs/finish-job.ts';
import { changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { leaseRenewed, publishing, succeeded } from '../../../lib/jobs/life-cycle.ts';
import { readEvents } from '../../../lib/jobs/read-events.ts';
import { createJob, submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { jobResult } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const never = new AbortController().signal;
const interim: InterimResult = {
  strategy: 'stage-features',
  images: 40,
  accuracy: 0.9,
  accuracyInterval: { low: 0.77, high: 0.96 },
  secondsLeft: 240,
};
const publication = { package: 'models/trash/x/', createdAt: '2026-01-01T00:00:00.000Z', backbone: 'b', dataset: 'trash' };

/** A job at work in its first attempt. */
async function runningJob({ interim: found }: { readonly interim?: InterimResult }) {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  const attempt = await dispatchJob(id, recordingCompute(), world);
  const now = () => world.clock.now();
  await changeJob(id, world.store, (job) => leaseRenewed(job, attempt ?? 0, now(), { interim: found }));
  return { id, world, now };
}

describe('a request to finish', () => {
  test('reaches the worker with its next heartbeat; the record and the events have the interim result', async () => {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    const asked: (boolean | undefined)[] = [];
    const work = async (_: unknown, { report, flush, finish, reportInterim }: JobContext) => {
      reportInterim?.(interim);
      await flush();
      expect(await readJob(id, world.store)).toMatchObject({ interim });
      expect(await finishJob(id, world)).toMatchObject({ finishRequested: world.clock.now().toISOString() });
      asked.push(finish?.aborted);
      await world.clock.advance(2);
      report({ stage: 'train', done: 0, total: 3 });
      await flush();
      asked.push(finish?.aborted);
      return jobResult;
    };
    const attempt = (await dispatchJob(id, recordingCompute(), world)) ?? 0;
    await workOnJob({ job: id, attempt }, work, world, never);
    expect(asked).toEqual([false, true]);
    const job = await readJob(id, world.store);
    expect(job).toMatchObject({ state: 'SUCCEEDED', finishRequested: expect.any(String) });
    expect(job, 'which is of use only before the job ends').not.toHaveProperty('interim');
    const { events } = await readEvents(job, world.store, { limit: 100 });
    expect(events).toContainEqual({ type: 'interim', time: expect.any(String), attempt, ...interim });
  });

  test('outlives the worker: the next attempt knows it from its start', async () => {
    const { id, world } = await runningJob({ interim });
    await finishJob(id, world);
    await endAttempt({ job: id, attempt: 1 }, 'it was killed', world);
    const attempt = (await dispatchJob(id, recordingCompute(), world)) ?? 0;
    expect(attempt).toBe(2);
    const known: (boolean | undefined)[] = [];
    const work = async (_: unknown, { finish }: JobContext) => {
      known.push(finish?.aborted);
      return jobResult;
    };
    await workOnJob({ job: id, attempt }, work, world, never);
    expect(known).toEqual([true]);
  });

  test('between two attempts is accepted, too', async () => {
    const { id, world } = await runningJob({ interim });
    await endAttempt({ job: id, attempt: 1 }, 'it was killed', world);
    expect(await finishJob(id, world)).toMatchObject({ state: 'SUBMITTED', finishRequested: expect.any(String) });
  });

  test('is recorded once', async () => {
    const { id, world } = await runningJob({ interim });
    const first = await finishJob(id, world);
    await world.clock.advance(5);
    expect(await finishJob(id, world)).toEqual(first);
  });

  test.each([
    [
      'is publishing its model',
      async ({ id, world, now }: Running) => {
        await changeJob(id, world.store, (job) => publishing(job, 1, publication, now()));
      },
    ],
    [
      'has succeeded',
      async ({ id, world, now }: Running) => {
        await changeJob(id, world.store, (job) => succeeded(job, 1, jobResult, now()));
      },
    ],
    [
      'was cancelled',
      async ({ id, world }: Running) => {
        await cancelJob(id, recordingCompute(), world);
      },
    ],
  ])('does not change a job that %s', async (_, end) => {
    const running = await runningJob({ interim });
    await end(running);
    const before = await readJob(running.id, running.world.store);
    await running.world.clock.advance(5);
    expect(await finishJob(running.id, running.world)).toEqual(before);
  });

  test('does not keep a job from being cancelled', async () => {
    const { id, world } = await runningJob({ interim });
    await finishJob(id, world);
    expect(await cancelJob(id, recordingCompute(), world)).toMatchObject({ state: 'CANCELLED' });
  });

  test.each([
    [
      'waits for a worker',
      async () => {
        const world = testWorld();
        return { world, ...(await submitJob(spec, world)) };
      },
    ],
    ['has no result yet', () => runningJob({})],
  ])('is refused if the job %s', async (_, begin) => {
    const { id, world } = await begin();
    const before = await readJob(id, world.store);
    await expect(finishJob(id, world)).rejects.toMatchObject({ code: 'INTERIM_RESULT_UNAVAILABLE' });
    expect(await readJob(id, world.store)).toEqual(before);
  });

  test('is refused for a job that is no training', async () => {
    const world = testWorld();
    const evaluation = { kind: 'evaluate', spec: { name: 'trash', version: 1, dataset: 'trash' } } as const;
    const { id } = await createJob(evaluation, world);
    await expect(finishJob(id, world)).rejects.toMatchObject({ code: 'FINISH_UNSUPPORTED' });
  });

  test('names the job that does not exist', async () => {
    await expect(finishJob('job-none', testWorld())).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

type Running = Awaited<ReturnType<typeof runningJob>>;
