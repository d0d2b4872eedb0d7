import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import type { AnyJob, AnyResult } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { ConflictError } from '../../../lib/errors.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { reconcileJobs } from '../../../lib/jobs/reconcile-jobs.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { finishPublication, publishPackage } from '../../../lib/models/publish-package.ts';
import { publishVersion, readModel } from '../../../lib/models/registry.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { newId } from '../../../lib/store/new-id.ts';
import { packagedResult } from '../../support/job-result.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const never = new AbortController().signal;

/**
 * Three workers take the job up, one after the other taken for dead while it goes on; somebody cancels; one worker may
 * die at any of its calls. Every call of the store is one step, and the steps of all come in any order.
 */
const plans = fc.record({
  /** Steps before it; null: it does not happen. */
  replacedAfter: fc.option(fc.nat(12)),
  cancelledAfter: fc.option(fc.nat(24), { freq: 3 }),
  /** Calls of the first worker, after which it is dead. */
  diesAfter: fc.option(fc.integer({ min: 1, max: 12 })),
  picks: fc.infiniteStream(fc.nat(999)),
});

test('in whatever order cancelling, replacing and publishing happen, a job publishes once at most, and not when it was ' +
  'cancelled', async () => {
  const world = testWorld();
  await world.store.put('models/earlier/card.json', new Uint8Array(1));
  const seen = { cancelled: 0, published: 0, refused: 0 };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(plans, async ({ replacedAfter, cancelledAfter, diesAfter, picks }) => {
      const steps = stepwise();
      const name = `model-${run++}`;
      const earlier = await publishVersion(name, earlierVersion(), world.store);
      const compute = recordingCompute();
      const { id } = await submitJob(JobSpec.parse({ name, dataset: 'trash' }), world);
      await dispatchJob(id, compute, world);
      const scheduled = { ...world, store: wrapped(world.store, steps.take) };
      const dying = diesAfter === null ? scheduled : { ...scheduled, store: dyingStore(scheduled.store, diesAfter) };

      const first = attempt(id, 1, dying);
      const second = later(replacedAfter, steps, () => replaceAttempt(id, compute, world, scheduled));
      const cancelling = later(cancelledAfter, steps, () => cancelJob(id, compute, scheduled).catch(refusal));
      const cancelled = (await steps.run(Promise.all([first, second, cancelling]), picks))[2];
      if (cancelled === 'JOB_PUBLISHING') seen.refused++;

      // What is left is taken up until the job has ended.
      for (let job = await readJob(id, world.store); !hasEnded(job); job = await readJob(id, world.store)) {
        await replaceAttempt(id, compute, world, world);
      }
      const { state, result } = await readJob(id, world.store);
      const { versions, aliases } = await readModel(name, world.store);
      const own = versions.filter(({ job }) => job === id).map(({ version }) => version);
      if (state === 'CANCELLED') {
        seen.cancelled++;
        expect({ own, latest: aliases.latest }).toEqual({ own: [], latest: earlier.version });
      } else {
        seen.published++;
        expect({ state, own, latest: aliases.latest }).toEqual({ state: 'SUCCEEDED', own: [2], latest: 2 });
        expect(result).toMatchObject({ version: 2, package: versions.at(-1)?.package });
      }
      expect(await reconcileJobs(compute, world, { staleSeconds: 7200 })).toBe(0);
      expect((await world.store.list('active/')).objects).toEqual([]);
    }),
    { numRuns: 200 },
  );
  // Without each of these the property would say nothing.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(5);
}, 300_000);

function earlierVersion() {
  const job = newId('job', new Date('2029-01-01T00:00:00Z'));
  return { job, package: 'models/earlier/', createdAt: '2029-01-01T00:00:00.000Z', backbone: 'b', dataset: 'd' };
}

/** A training that has nothing left to do but to publish. */
async function publish(job: AnyJob, { beginPublishing }: JobContext, { store }: World): Promise<AnyResult> {
  if (job.kind !== undefined && job.kind !== 'train') return expect.fail('it is a training');
  const earlier = await finishPublication(job, store);
  if (earlier !== undefined) return earlier;
  const prefix = `models/${job.spec.name}/${job.id}-${job.attempt}/`;
  await store.put(`${prefix}result.json`, Buffer.from(JSON.stringify(packagedResult)));
  await store.put(`${prefix}card.json`, new Uint8Array(1));
  const publication = { package: prefix, createdAt: job.createdAt, backbone: 'b', dataset: job.spec.dataset };
  const published = await publishPackage(job, publication, store, beginPublishing);
  return { ...packagedResult, version: published.version, package: published.package };
}

interface Steps {
  /** Waits for its turn, then acts. */
  take<Result>(act: () => Promise<Result>): Promise<Result>;
  /** Gives one step after the other its turn until all is done. @param picks which of those that wait comes next */
  run<Result>(all: Promise<Result>, picks: fc.Stream<number>): Promise<Result>;
}

function stepwise(): Steps {
  const waiting: (() => Promise<unknown>)[] = [];
  return {
    take: (act) =>
      new Promise((resolve, reject) => {
        waiting.push(() => act().then(resolve, reject));
      }),
    async run(all, picks) {
      let done = false;
      void all.finally(() => {
        done = true;
      });
      while (!done) {
        await nextTurn();
        const pick = picks.next().value;
        const [step] = waiting.splice(pick % Math.max(waiting.length, 1), 1);
        await step?.();
      }
      return all;
    },
  };
}

/** Acts after so many steps of its own. */
async function later<Result>(steps: number | null, { take }: Steps, act: () => Promise<Result>): Promise<Result | undefined> {
  if (steps === null) return undefined;
  for (let step = 0; step < steps; step++) await take(async () => undefined);
  return act();
}

function attempt(job: string, number: number, world: World): Promise<unknown> {
  return workOnJob({ job, attempt: number }, publish, world, never).catch((error: unknown) => {
    if (!(error instanceof Error) || error.message !== DEAD) throw error;
  });
}

/** The attempt at work is taken for dead, and the next one begins. */
async function replaceAttempt(
  id: string,
  compute: ReturnType<typeof recordingCompute>,
  { clock }: ReturnType<typeof testWorld>,
  world: World,
): Promise<void> {
  await clock.advance(3600);
  await reconcileJobs(compute, world, { staleSeconds: 7200 });
  const next = await dispatchJob(id, compute, world);
  if (next !== undefined) await attempt(id, next, world);
}

function refusal(error: unknown): string {
  if (error instanceof ConflictError) return error.code;
  throw error;
}

type Calls = 'get' | 'put' | 'list' | 'delete' | 'head';

function wrapped(store: ObjectStore, wrap: <Result>(act: () => Promise<Result>) => Promise<Result>): ObjectStore {
  const wrapCall =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args) =>
      wrap(() => call(...args));
  const { get, put, list, delete: remove, head }: Pick<ObjectStore, Calls> = store;
  return {
    ...store,
    get: wrapCall(get),
    put: wrapCall(put),
    list: wrapCall(list),
    delete: wrapCall(remove),
    head: wrapCall(head),
  };
}

const DEAD = 'the process is dead';

/** A store that fails for good after so many calls, as a process that was killed sees no more of it. */
function dyingStore(store: ObjectStore, calls: number): ObjectStore {
  let left = calls;
  return wrapped(store, (act) => (left-- > 0 ? act() : Promise.reject(new Error(DEAD))));
}
