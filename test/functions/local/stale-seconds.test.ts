import { expect, test } from 'vitest';
import { watchStaleness } from '../../../functions/local/stale-seconds.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { STALE_SECONDS } from '../../../lib/jobs/message-times.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

test('a job that waits behind a training gets no more messages, and one whose message is lost gets one after that', async () => {
  const world = testWorld();
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
  for (let job = 0; job < 2; job++) await submitJob(spec, world);
  let isFull = true;
  const staleSeconds = watchStaleness(() => isFull, world.clock);
  const upkeepAfter = async (seconds: number) => {
    await world.clock.advance(seconds);
    await reconcileJobs(recordingCompute(), world, { staleSeconds: staleSeconds() });
    return world.queues.trainings.size();
  };
  for (let round = 0; round < 6; round++) expect(await upkeepAfter(STALE_SECONDS)).toBe(2);
  isFull = false;
  expect(await upkeepAfter(5), 'a slot has just become free').toBe(2);
  expect(await upkeepAfter(STALE_SECONDS)).toBe(4);
  expect(await upkeepAfter(5), 'one for each').toBe(4);
});

test('a clock that is set back puts nothing off', async () => {
  const world = testWorld();
  let isFull = true;
  const staleSeconds = watchStaleness(() => isFull, world.clock);
  expect(staleSeconds()).toBe(Number.POSITIVE_INFINITY);
  isFull = false;
  await world.clock.advance(-86_400);
  expect(staleSeconds()).toBe(STALE_SECONDS);
});
