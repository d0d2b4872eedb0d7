import { expect, test } from 'vitest';
import { trackEvent } from '../../../functions/track/track-event.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { MAX_ATTEMPTS, MAX_UNSTARTED } from '../../../lib/jobs/attempt-limits.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { leaseRenewed } from '../../../lib/jobs/life-cycle.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { batchEvent } from '../../support/aws/lambda-events.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const statusReason = 'Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
const noMachine = { statusReason, startedAt: undefined };

async function startedJob() {
  const world = testWorld();
  const compute = recordingCompute();
  const { id } = await submitJob(spec, world);
  await take();
  await dispatchJob(id, compute, world);

  /** Takes all messages that are due. @returns their number */
  async function take(): Promise<number> {
    const taken = await world.queues.trainings.receive({ max: 10, visibilitySeconds: 60 });
    for (const { receipt } of taken) await world.queues.trainings.acknowledge(receipt);
    return taken.length;
  }
  return { id, world, compute, take };
}

test('attempts that get no machine do not count as lost, and follow each other after a pause', async () => {
  const { id, world, compute, take } = await startedJob();
  for (let attempt = 1; attempt <= MAX_ATTEMPTS + 1; attempt++) {
    for (let times = 0; times < 2; times++) await trackEvent(batchEvent(`${id}-${attempt}`, 'FAILED', noMachine), compute, world);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt, error: { code: 'ATTEMPT_NOT_STARTED' } });
    expect(await take(), 'not at once').toBe(0);
    await world.clock.advance(15 * 2 ** (attempt - 1));
    expect(await take()).toBeGreaterThan(0);
    expect(await dispatchJob(id, compute, world)).toBe(attempt + 1);
  }
  expect((await readJob(id, world.store)).losses).toBeUndefined();
});

test('the job fails if no attempt gets a machine for long', async () => {
  const { id, world, compute } = await startedJob();
  for (let attempt = 1; attempt <= MAX_UNSTARTED; attempt++) {
    await trackEvent(batchEvent(`${id}-${attempt}`, 'FAILED', noMachine), compute, world);
    await dispatchJob(id, compute, world);
  }
  const { state, error } = await readJob(id, world.store);
  expect(state).toBe('FAILED');
  expect(error).toMatchObject({ code: 'ATTEMPTS_EXHAUSTED', message: expect.stringContaining('INSUFFICIENT_INSTANCE_CAPACITY') });
});

test('the tracker finds an attempt without a machine, if its event is lost', async () => {
  const { id, world, compute } = await startedJob();
  await reconcileJobs({ ...compute, state: async () => 'unstarted' as const }, world, { staleSeconds: 600 });
  const job = await readJob(id, world.store);
  expect(job).toMatchObject({ state: 'SUBMITTED', error: { code: 'ATTEMPT_NOT_STARTED' } });
  expect(job.losses).toBeUndefined();
});

test.each([
  ['whose container has started', { startedAt: 1 }, false],
  ['that has sent a heartbeat', noMachine, true],
])('an attempt %s counts as lost', async (_, detail, isRunning) => {
  const { id, world, compute } = await startedJob();
  if (isRunning) await changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));
  await trackEvent(batchEvent(`${id}-1`, 'FAILED', detail), compute, world);
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', losses: 1, error: { code: 'WORKER_LOST' } });
});
