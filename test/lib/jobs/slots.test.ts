import { expect, test } from 'vitest';
import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { changeJob, jobDocument, readJob } from '../../../lib/jobs/job-store.ts';
import { leaseRenewed, succeeded } from '../../../lib/jobs/life-cycle.ts';
import { maxTrainings } from '../../../lib/jobs/max-trainings.ts';
import { STALE_SECONDS } from '../../../lib/jobs/message-times.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { acquireSlot } from '../../../lib/jobs/slots.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { jobResult as result } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });

function limitedCompute(most: number) {
  return { ...recordingCompute(), limit: async () => ({ pool: 'lambda', most, waitSeconds: 20 }) };
}

test('of a burst of jobs only so many run at once; the others wait on the queue, and none is lost there', async () => {
  const world = testWorld();
  const { trainings } = world.queues;
  const compute = limitedCompute(3);
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) ids.push((await submitJob(spec, world)).id);
  const running = new Set<string>();
  let most = 0;
  for (let round = 0; round < 40 && (running.size > 0 || (await trainings.size()) > 0); round++) {
    // Five dispatchers at once, as Lambda has them.
    for (;;) {
      const deliveries = await trainings.receive({ max: 5, visibilitySeconds: 60 });
      if (deliveries.length === 0) break;
      await Promise.all(
        deliveries.map(async ({ message, receipt, receiveCount }) => {
          expect(receiveCount).toBe(1);
          if (message.type !== 'train') return;
          if ((await dispatchJob(message.job, compute, world)) !== undefined) running.add(message.job);
          await trainings.acknowledge(receipt);
        }),
      );
    }
    most = Math.max(most, running.size);
    for (const id of running) {
      await changeJob(id, world.store, (job) => leaseRenewed(job, job.attempt, world.clock.now()));
      await changeJob(id, world.store, (job) => succeeded(job, job.attempt, result, world.clock.now()));
    }
    running.clear();
    await world.clock.advance(21);
  }
  expect(most).toBe(3);
  for (const id of ids) expect(await readJob(id, world.store)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });
  expect(await trainings.deadLetters()).toEqual([]);
});

test('a job that waits for a slot for hours keeps one message, and is not written each time it looks', async () => {
  const world = testWorld();
  const { trainings } = world.queues;
  const compute = { ...limitedCompute(1), state: async () => 'alive' as const };
  await dispatchJob((await submitJob(spec, world)).id, compute, world);
  const { id } = await submitJob(spec, world);
  await trainings.receive({ max: 1, visibilitySeconds: 7 * 3600 });
  const written = new Set<string>();
  for (let round = 0; round < 360; round++) {
    for (const { receipt } of await trainings.receive({ max: 10, visibilitySeconds: 60 })) {
      expect(await dispatchJob(id, compute, world)).toBeUndefined();
      await trainings.acknowledge(receipt);
    }
    await reconcileJobs(compute, world, { staleSeconds: STALE_SECONDS });
    written.add((await readJob(id, world.store)).updatedAt);
    await world.clock.advance(60);
  }
  // The other message is that of the job with the slot.
  expect(await trainings.size()).toBe(2);
  expect(written.size).toBeLessThan(360 / 4);
});

test.each<[string, (id: string, world: ReturnType<typeof testWorld>) => Promise<unknown>]>([
  ['was cancelled', (id, world) => cancelJob(id, recordingCompute(), world)],
  [
    'lost its worker',
    async (id, world) => {
      await world.clock.advance(3600);
      await reconcileJobs(recordingCompute(), world, { staleSeconds: 7200 });
      expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED' });
    },
  ],
  ['cannot be read', (id, world) => world.store.put(jobDocument.key(id), Buffer.from('{'))],
])('a job that %s leaves its slot to another', async (_, ends) => {
  const world = testWorld();
  const compute = limitedCompute(1);
  const { id: first } = await submitJob(spec, world);
  expect(await dispatchJob(first, compute, world)).toBe(1);
  const { id: second } = await submitJob(spec, world);
  expect(await dispatchJob(second, compute, world)).toBeUndefined();
  expect(hasEnded(await readJob(second, world.store))).toBe(false);
  await ends(first, world);
  expect(await dispatchJob(second, compute, world)).toBe(1);
});

test('a dispatcher that dies before it has claimed its job blocks no slot for long', async () => {
  const world = testWorld();
  const compute = limitedCompute(1);
  const [{ id: first }, { id: second }] = [await submitJob(spec, world), await submitJob(spec, world)];
  const dying = {
    ...world.store,
    put: (key: string, ...rest: [Uint8Array]) =>
      key.startsWith('jobs/') ? Promise.reject(new Error('died')) : world.store.put(key, ...rest),
  };
  await expect(dispatchJob(first, compute, { ...world, store: dying })).rejects.toThrow('died');
  expect(await dispatchJob(second, compute, world)).toBeUndefined();
  await world.clock.advance(121);
  expect(await dispatchJob(second, compute, world)).toBe(1);
});

test.each([
  { most: 1, acquired: false },
  { most: 2, acquired: true },
])('of $most slots, one that another job acquires meanwhile is not acquired twice', async ({ most, acquired }) => {
  const world = testWorld();
  const acquire = async (store: ObjectStore) => {
    const { id } = await submitJob(spec, world);
    return acquireSlot({ job: id, attempt: 1 }, { pool: 'lambda', most, waitSeconds: 20 }, { ...world, store });
  };
  const others: boolean[] = [];
  const contended = contendedStore(world.store, async () => others.push(await acquire(world.store)));
  expect(await acquire(contended)).toBe(acquired);
  expect(others).toEqual([true]);
  expect(await acquire(world.store), 'all slots are taken').toBe(false);
});

test.each(['0', '1.5', '-1', 'many'])('GRAFT_MAX_TRAININGS=%s is refused', (said) => {
  expect(() => maxTrainings({ GRAFT_MAX_TRAININGS: said }, 1)).toThrow('GRAFT_MAX_TRAININGS');
});

test('one training at a time, unless GRAFT_MAX_TRAININGS says otherwise', () => {
  expect(maxTrainings({}, 1)).toBe(1);
  expect(maxTrainings({ GRAFT_MAX_TRAININGS: '4' }, 1)).toBe(4);
});
