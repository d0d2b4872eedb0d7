import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { failDeadJobs } from '../../../lib/jobs/fail-dead-jobs.ts';
import { jobDocument, readJob } from '../../../lib/jobs/job-store.ts';
import { retryJob } from '../../../lib/jobs/retry-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

test('a job whose message failed each time has failed with a reason, and is submitted again by a retry', async () => {
  const { world, id } = await jobWithDeadMessage();
  expect(await failDeadJobs(world)).toBe(1);
  expect(await readJob(id, world.store)).toMatchObject({
    state: 'FAILED',
    error: { code: 'DISPATCH_RETRIES_EXHAUSTED', fix: expect.stringContaining(`graft retry ${id}`) },
  });
  expect((await world.store.list('active/')).objects).toEqual([]);
  // The letter stays for whoever looks into it, and says nothing new.
  expect(await failDeadJobs(world)).toBe(0);

  const again = await retryJob(id, world);
  expect(again).toMatchObject({ state: 'SUBMITTED', retryOf: id });
  expect(await failDeadJobs(world)).toBe(0);
  const compute = recordingCompute();
  await dispatchJob(again.id, compute, world);
  expect(compute.started).toEqual([{ job: again.id, attempt: 1 }]);
});

test('a dead letter of long ago ends no job that somebody has taken up since', async () => {
  const { world, id } = await jobWithDeadMessage();
  await dispatchJob(id, recordingCompute(), world);
  expect(await failDeadJobs(world)).toBe(0);
  await endAttempt({ job: id, attempt: 1 }, 'its machine is gone', world);
  expect(await failDeadJobs(world)).toBe(0);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
});

test('a job that is dispatched just before it would fail goes on', async () => {
  const { world, id } = await jobWithDeadMessage();
  const store = contendedStore(world.store, () => dispatchJob(id, recordingCompute(), world));
  expect(await failDeadJobs({ ...world, store })).toBe(0);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'STARTING', attempt: 1 });
});

test('letters without a job, and records that cannot be read, keep nothing from the others', async () => {
  const { world, id } = await jobWithDeadMessage();
  const broken = await submitJob(spec, world);
  await world.store.put(jobDocument.key(broken.id), new TextEncoder().encode('{'));
  await world.queues.trainings.send({ type: 'train', job: 'job-000000000-0000000000' });
  await untilDead(world);
  expect(await failDeadJobs(world)).toBe(1);
  expect((await readJob(id, world.store)).state).toBe('FAILED');
  expect(world.events).toContain('track.failed');
});

async function jobWithDeadMessage() {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  await untilDead(world);
  return { world, id };
}

/** Takes each message for as often as the queue gives it, and never says that it is done. */
async function untilDead({ queues: { trainings }, clock }: ReturnType<typeof testWorld>): Promise<void> {
  while ((await trainings.size()) > 0) {
    await trainings.receive({ max: 10, visibilitySeconds: 1 });
    await clock.advance(2);
  }
}
