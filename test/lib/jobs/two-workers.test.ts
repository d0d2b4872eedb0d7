import { describe, expect, test } from 'vitest';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { endAttempt } from '../../../lib/jobs/end-attempt.ts';
import { changeJob, readJob } from '../../../lib/jobs/job-store.ts';
import { leaseRenewed } from '../../../lib/jobs/life-cycle.ts';
import { startOnce } from '../../../lib/jobs/start-once.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { readCard, writePackage } from '../../../lib/models/model-package.ts';
import { publishPackage } from '../../../lib/models/publish-package.ts';
import { readVersion } from '../../../lib/models/registry.ts';
import type { World } from '../../../lib/ports.ts';
import { contendedStore } from '../../support/contended-store.ts';
import { packagedResult } from '../../support/job-result.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
const never = new AbortController().signal;

/** A training of a worker that takes as long as no other one, so that its card differs. */
function trainingOf(minute: number, { before = none, recorded = none }: Partial<Record<'before' | 'recorded', Pause>> = {}) {
  return async (job: AnyJob, { beginPublishing }: JobContext, { store }: World) => {
    if (job.kind !== undefined && job.kind !== 'train') return expect.fail('it is a training');
    await before();
    const createdAt = `2026-01-01T00:${minute}:00.000Z`;
    const scores = drawScores({ classes: 2, count: 4, seed: 1 });
    const card = { ...cardFor(scores, ['a', 'b']), model: 'trash', job: job.id, createdAt };
    const content = { card, onnx: new Uint8Array([minute]), history: [], result: packagedResult };
    const own = { ...(await writePackage(content, job.attempt, store)), createdAt, backbone: 'b', dataset: 'trash' };
    const published = await publishPackage(job, own, store, async (publication) => {
      const begun = await beginPublishing(publication);
      await recorded();
      return begun;
    });
    return { ...packagedResult, version: published.version, package: published.package };
  };
}

type Pause = () => Promise<unknown>;
const none: Pause = async () => undefined;

async function startedJob() {
  const world = testWorld();
  const { id } = await submitJob(spec, world);
  await dispatchJob(id, recordingCompute(), world);
  const run = (work: ReturnType<typeof trainingOf>) => workOnJob({ job: id, attempt: 1 }, work, world, never);
  return { id, world, run };
}

test('a second worker of an attempt does not change the package that the first one has published', async () => {
  const { id, world, run } = await startedJob();
  const isRecorded = Promise.withResolvers<void>();
  const late = run(trainingOf(20, { before: () => isRecorded.promise }));
  await Promise.all([run(trainingOf(10, { recorded: async () => isRecorded.resolve() })), late]);
  const version = await readVersion('trash', 1, world.store);
  await expect(readCard(version, world.store)).resolves.toMatchObject({ createdAt: '2026-01-01T00:10:00.000Z' });
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUCCEEDED', result: { package: version.package } });
});

test('a second worker of an attempt publishes what the first one has recorded', async () => {
  const { id, world, run } = await startedJob();
  const isRecorded = Promise.withResolvers<void>();
  const dies = async () => {
    isRecorded.resolve();
    await new Promise(() => {});
  };
  void run(trainingOf(10, { recorded: dies }));
  await run(trainingOf(20, { before: () => isRecorded.promise }));
  const version = await readVersion('trash', 1, world.store);
  await expect(readCard(version, world.store)).resolves.toMatchObject({ createdAt: '2026-01-01T00:10:00.000Z' });
  expect(await readJob(id, world.store)).toMatchObject({ state: 'SUCCEEDED', result: { package: version.package } });
});

describe('a function that is called again for an attempt', () => {
  const again = { mayBeCalledAgain: true };
  const attempt = (job: string) => ({ job, attempt: 1 });

  /** @param meanwhile what happens while a worker waits */
  async function called(meanwhile: (world: World, id: string) => Promise<unknown>) {
    const { id, world } = await startedJob();
    const waited: number[] = [];
    const sleep = async (milliseconds: number) => {
      waited.push(milliseconds / 1000);
      await world.clock.advance(milliseconds / 1000);
      await meanwhile(world, id);
    };
    return { id, waited, world: { ...world, clock: { ...world.clock, sleep } } };
  }
  const heartbeat = (world: World, id: string) => changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now()));

  test('does nothing if the first worker lives', async () => {
    const { id, world, waited } = await called(heartbeat);
    await heartbeat(world, id);
    const before = await readJob(id, world.store);
    const work = async () => expect.fail('it must not work');
    expect(await workOnJob(attempt(id), work, world, never, again)).toBeUndefined();
    expect(waited).toEqual([20]);
    expect(await readJob(id, world.store)).toMatchObject({ state: 'RUNNING', history: before.history });
  });

  test('takes its work over if it has died', async () => {
    const { id, world, waited } = await called(none);
    await heartbeat(world, id);
    expect(await workOnJob(attempt(id), trainingOf(10), world, never, again)).toMatchObject({ state: 'SUCCEEDED' });
    expect(waited).toEqual([20]);
  });

  test('does nothing if the attempt ends meanwhile', async () => {
    const { id, world } = await called((own, job) => endAttempt(attempt(job), 'it died', own));
    await heartbeat(world, id);
    expect(await workOnJob(attempt(id), trainingOf(10), world, never, again)).toBeUndefined();
    expect(await readJob(id, world.store)).toMatchObject({ state: 'SUBMITTED', attempt: 1 });
  });

  test('works at once if it is the first one', async () => {
    const { id, world, waited } = await called(none);
    expect(await workOnJob(attempt(id), trainingOf(10), world, never, again)).toMatchObject({ state: 'SUCCEEDED' });
    expect(waited).toEqual([]);
  });

  test('waits for a worker that starts just before it', async () => {
    const { id, world, waited } = await called(heartbeat);
    const store = contendedStore(world.store, () => heartbeat(world, id));
    const begun = startOnce(attempt(id), { ...world, store });
    await expect(begun).rejects.toMatchObject({ code: 'ATTEMPT_REPLACED' });
    expect(waited).toEqual([20]);
  });

  test('works once if both calls begin at the same time', async () => {
    const { id, world } = await called(heartbeat);
    const workers: number[] = [];
    const call = (worker: number) =>
      workOnJob(
        attempt(id),
        (job, context, given) => {
          workers.push(worker);
          return trainingOf(worker)(job, context, given);
        },
        world,
        never,
        again,
      );
    await Promise.all([call(10), call(20)]);
    expect(workers).toHaveLength(1);
  });
});
