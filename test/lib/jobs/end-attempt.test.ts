import { describe, expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { claimed, isAbandoned, LEASE_SECONDS, leaseRenewed, started, succeeded } from '../../../lib/jobs/life-cycle.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { jobResult } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

/** A job whose first attempt has sent a heartbeat, and none since its lease ended. */
async function silentJob() {
  const world = testWorld();
  const { store, clock } = world;
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, recordingCompute(), world);
  const heartbeat = () => changeJob(id, store, (job) => leaseRenewed(job, 1, clock.now()));
  await heartbeat();
  await clock.advance(LEASE_SECONDS + 1);
  const end = () => endAttempt({ job: id, attempt: 1 }, 'it was killed', world);
  return { world, id, heartbeat, end };
}

type SilentJob = Awaited<ReturnType<typeof silentJob>>;

/** Ends the attempt as `reconcileJobs` does, while another process changes the record. */
async function endDuring({ world, id }: SilentJob, meanwhile: () => Promise<unknown>) {
  const stopped: string[] = [];
  const isEnded = await endAttempt(
    { job: id, attempt: 1 },
    'it gave no sign of life',
    { ...world, store: contendedStore(world.store, meanwhile) },
    { onlyIf: (job) => isAbandoned(job, world.clock.now()), stop: async () => void stopped.push(id) },
  );
  return { isEnded, stopped, job: await readJob(id, world.store) };
}

describe('an attempt without a sign of life', () => {
  test.each<[string, (job: SilentJob) => Promise<unknown>, object]>([
    ['its worker goes on', ({ heartbeat }) => heartbeat(), { state: 'RUNNING', attempt: 1 }],
    [
      'its worker ends the job',
      ({ world: { store, clock }, id }) => changeJob(id, store, (job) => succeeded(job, 1, jobResult, clock.now())),
      { state: 'SUCCEEDED', attempt: 1 },
    ],
    ['the job is cancelled', ({ world, id }) => cancelJob(id, recordingCompute(), world), { state: 'CANCELLED' }],
    ['another process ends it', ({ end }) => end(), { state: 'SUBMITTED', attempt: 1, losses: 1 }],
    [
      'the next one starts',
      async ({ world, id, end }) => {
        await end();
        await dispatchJob(id, recordingCompute(), world);
      },
      { state: 'STARTING', attempt: 2, losses: 1 },
    ],
  ])('is neither ended nor stopped if %s meanwhile', async (_, meanwhile, expected) => {
    const silent = await silentJob();
    const { isEnded, stopped, job } = await endDuring(silent, () => meanwhile(silent));
    expect({ isEnded, stopped }).toEqual({ isEnded: false, stopped: [] });
    expect(job).toMatchObject(expected);
  });

  test('is ended and stopped once if another write is faster that changes nothing about it', async () => {
    const silent = await silentJob();
    const { world, id } = silent;
    const note = () => changeJob(id, world.store, (job) => ({ ...job, updatedAt: world.clock.now().toISOString() }));
    const { isEnded, stopped, job } = await endDuring(silent, note);
    expect({ isEnded, stopped }).toEqual({ isEnded: true, stopped: [id] });
    expect(job).toMatchObject({ state: 'SUBMITTED', attempt: 1, losses: 1 });
  });
});

test.each([
  { when: 'at once if nobody has its handle', handle: undefined, received: 1 },
  { when: 'after a pause if the compute target accepts it meanwhile', handle: 'batch-1', received: 0 },
])('another attempt follows one that did not start $when', async ({ handle, received }) => {
  const world = testWorld();
  const { store, clock, queues } = world;
  const { id } = await submitJob(spec, world);
  for (const { receipt } of await queues.trainings.receive({ max: 1, visibilitySeconds: 60 }))
    await queues.trainings.acknowledge(receipt);
  await changeJob(id, store, (job) => claimed(job, clock.now()));
  const accept = () => changeJob(id, store, (job) => (handle === undefined ? undefined : started(job, 1, handle, clock.now())));
  const contended = { ...world, store: contendedStore(store, accept) };
  expect(await endAttempt({ job: id, attempt: 1 }, 'it got no machine', contended, { countsAs: 'unstarted' })).toBe(true);
  expect(await readJob(id, store)).toMatchObject({ state: 'SUBMITTED', error: { code: 'ATTEMPT_NOT_STARTED' } });
  expect(await queues.trainings.receive({ max: 1, visibilitySeconds: 60 })).toHaveLength(received);
});
