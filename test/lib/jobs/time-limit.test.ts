import { expect, test } from 'vitest';
import type { JobEstimate } from '../../../lib/contracts/compute.ts';
import type { AnyJob, JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { CapacityError, RuntimeError } from '../../../lib/errors.ts';
import { attemptNeeds } from '../../../lib/jobs/attempt-needs.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { limitReached } from '../../../lib/jobs/time-limit.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { jobResult } from '../../support/job-result.ts';
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

async function limitedJob(compute: { maxMinutes?: number; maxCost?: number }, estimate = perHour, world = testWorld()) {
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash', compute });
  const { id } = await submitJob(spec, world, { estimate });
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
  return { world, attempt, job: () => readJob(id, world.store) };
}

test.each([
  [{ maxMinutes: 2 }, 120, 'MAX_MINUTES'],
  [{ maxCost: 0.1 }, 60, 'MAX_COST'],
  [{ maxMinutes: 2, maxCost: 0.1 }, 60, 'MAX_COST'],
])('a job with %j is stopped after %d seconds for good, with %s', async (limits, seconds, code) => {
  const { attempt, job } = await limitedJob(limits);
  expect(await attempt(1000)).toBe(seconds);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code, fix: expect.stringContaining('it starts over') } });
});

test('attempts add up, and waiting between them does not', async () => {
  const { world, attempt, job } = await limitedJob({ maxMinutes: 2 });
  expect(await attempt(50)).toBe(50);
  expect(await job()).toMatchObject({ state: 'SUBMITTED' });
  await world.clock.advance(3600);
  expect(await attempt(1000)).toBe(70);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code: 'MAX_MINUTES' } });
});

test('the starts of machines are paid from the limit of cost, and a job that has used it up starts none', async () => {
  const start = { part: 'start', seconds: 15, dollars: 0.025 } as const;
  const { world, attempt, job } = await limitedJob({ maxCost: 0.1 }, { ...perHour, parts: [start] });
  expect(await attempt(20)).toBe(20);
  const [waiting, compute] = [await job(), recordingCompute()];
  expect(attemptNeeds(waiting, 2, ['gpu']).timeoutSeconds).toBeCloseTo(60 - 2 * 15 - 20 + 120);
  await attempt(10);
  // Another start would cost more than is left.
  expect(await dispatchJob(waiting.id, compute, world)).toBeUndefined();
  expect(compute.started).toEqual([]);
  expect(await job()).toMatchObject({ state: 'FAILED', attempt: 2, error: { code: 'MAX_COST', retryable: false } });
});

test('a job that has recorded its version has no limit', async () => {
  const { job } = await limitedJob({ maxMinutes: 1 });
  const running = { state: 'RUNNING', time: '2030-01-01T00:00:00.000Z', attempt: 1 } as const;
  const publication = { package: 'models/trash/1/', createdAt: running.time, backbone: 'vgg16', dataset: 'trash', version: 1 };
  const ran: AnyJob = { ...(await job()), history: [running], state: 'RUNNING' } as JobRecord;
  const later = new Date('2030-01-01T00:02:00.000Z');
  expect(limitReached(ran, later)?.code).toBe('MAX_MINUTES');
  expect(limitReached({ ...ran, publishing: publication } as JobRecord, later)).toBeUndefined();
});

test.each([
  ['succeeds', { state: 'SUCCEEDED' }, async () => jobResult],
  [
    'is continued if it fails then',
    { state: 'SUBMITTED', error: { code: 'NO_ROOM' } },
    () => Promise.reject(new CapacityError('NO_ROOM', { retryable: true })),
  ],
])('a job that records its version just after its limit %s', async (_, ended, publish) => {
  const { world, job } = await limitedJob({ maxMinutes: 2 });
  const { id } = await job();
  const attempt = (await dispatchJob(id, recordingCompute(), world)) ?? 0;
  const publication = { package: 'models/trash/1/', createdAt: '2030-01-01T00:00:00.000Z', backbone: 'b', dataset: 'trash' };
  const work = async (_: unknown, { beginPublishing, flush, secondsLeft, signal }: JobContext) => {
    await world.clock.advance(121);
    await flush();
    expect({ left: secondsLeft?.(), aborted: signal.aborted }).toEqual({ left: -1, aborted: true });
    await beginPublishing(publication);
    expect(secondsLeft?.()).toBe(Number.POSITIVE_INFINITY);
    return publish();
  };
  await workOnJob({ job: id, attempt }, work, world, never);
  expect(await job()).toMatchObject(ended);
});

/** A world whose machine may sleep: its time then goes on. */
function sleepyWorld() {
  const world = testWorld();
  const { now, advance: sleep } = world.clock;
  let awake = 0;
  const advance = (seconds: number): Promise<void> => {
    awake += seconds;
    return sleep(seconds);
  };
  return { sleep, world: { ...world, clock: { now, advance, awakeSeconds: () => awake } } };
}

test('the time in which the machine sleeps is no work, and attempts add up', async () => {
  const { world, sleep } = sleepyWorld();
  const { attempt, job } = await limitedJob({ maxMinutes: 60 }, perHour, world);
  const { id } = await job();
  const number = (await dispatchJob(id, recordingCompute(), world)) ?? 0;
  const work = async (_: unknown, { flush, secondsLeft, signal }: JobContext) => {
    await world.clock.advance(600);
    await flush();
    await sleep(8 * 3600);
    await flush();
    expect({ left: secondsLeft?.(), aborted: signal.aborted }).toEqual({ left: 3000, aborted: false });
    throw new RuntimeError('TRAINING_INTERRUPTED', { retryable: true });
  };
  await workOnJob({ job: id, attempt: number }, work, world, never);
  expect(await job()).toMatchObject({ state: 'SUBMITTED', workedSeconds: 600 });
  expect(await attempt(5000)).toBe(3000);
  expect(await job()).toMatchObject({ state: 'FAILED', error: { code: 'MAX_MINUTES' } });
  expect(await job()).not.toHaveProperty('workedSeconds');
});

test('a worker that ends with its machine has worked until its last heartbeat', async () => {
  const { world, sleep } = sleepyWorld();
  const { job } = await limitedJob({ maxMinutes: 60 }, perHour, world);
  const { id } = await job();
  const attempt = { job: id, attempt: (await dispatchJob(id, recordingCompute(), world)) ?? 0 };
  const work = async (_: unknown, { report, flush }: JobContext) => {
    await world.clock.advance(600);
    report({ stage: 'train', done: 1, total: 2 });
    await flush();
    const { workedSeconds } = (await job()) as JobRecord;
    expect(workedSeconds).toBe(600);
    // The machine is switched off for the night.
    await sleep(10 * 3600);
    expect(await endAttempt(attempt, 'it gave no sign of life', world)).toBe(true);
    throw new Error('the process is gone');
  };
  await workOnJob(attempt, work, world, never);
  expect(await dispatchJob(id, recordingCompute(), world)).toBe(2);
});

test('a job without limits goes on', async () => {
  const { attempt, job } = await limitedJob({});
  expect(await attempt(5000)).toBe(5000);
  expect(await job()).toMatchObject({ state: 'SUBMITTED' });
});
