import { describe, expect, test } from 'vitest';
import type { JobRecord, JobState } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { DataError, RuntimeError } from '../../../lib/errors.ts';
import { attemptCheckpoints, checkpointPrefix } from '../../../lib/jobs/attempt-checkpoints.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { readJob } from '../../../lib/jobs/job-store.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { type JobContext, workOnJob } from '../../../lib/jobs/work-on-job.ts';
import type { ObjectStore, World } from '../../../lib/ports.ts';
import { listKeys } from '../../../lib/store/list-keys.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

const prefix = checkpointPrefix('job-1');
const of = (attempt: number, store: ObjectStore, training = 'tail') =>
  attemptCheckpoints({ id: 'job-1', attempt } as JobRecord, training, store);

async function names(store: ObjectStore, under = prefix): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of listKeys(store, under)) found.push(key.slice(under.length));
  return found;
}

describe('the checkpoints of a training', () => {
  test('are those of its newest attempt', async () => {
    const { store } = testWorld();
    await of(1, store, 'tail-refit').save(Uint8Array.of(9));
    for (const attempt of [1, 2, 3]) {
      await of(attempt, store).save(Uint8Array.of(attempt));
      await of(attempt, store).save(Uint8Array.of(10 * attempt));
    }
    expect(await names(store)).toEqual(['tail-3', 'tail-refit-1']);
    expect(await of(4, store).load()).toEqual(Uint8Array.of(30));
  });

  test('of earlier attempts that cannot be deleted go with the next one, and a replaced worker may write its own again', async () => {
    const { store } = testWorld();
    await of(1, store).save(Uint8Array.of(1));
    let failures = 1;
    const remove: ObjectStore['delete'] = (key) => (failures-- > 0 ? Promise.reject(new Error('busy')) : store.delete(key));
    const second = of(2, { ...store, delete: remove });
    await second.save(Uint8Array.of(2));
    expect(await names(store)).toEqual(['tail-1', 'tail-2']);
    await second.save(Uint8Array.of(3));
    expect(await names(store)).toEqual(['tail-2']);
    await of(1, store).save(Uint8Array.of(4));
    expect(await of(3, store).load()).toEqual(Uint8Array.of(3));
  });

  test('are found while a replaced worker writes its first', async () => {
    const { store } = testWorld();
    await of(1, store).save(Uint8Array.of(1));
    const get: ObjectStore['get'] = async (key) => {
      const found = await store.get(key);
      if (key.endsWith('tail-2') && found === undefined) await of(2, store).save(Uint8Array.of(2));
      return found;
    };
    expect(await of(3, { ...store, get }).load()).toEqual(Uint8Array.of(2));
  });
});

describe('the checkpoints of a job', () => {
  const spec = JobSpec.parse({ name: 'trash', dataset: 'trash' });
  const choice = 'engine.json';
  const trial = 'trials/trial-1-rung-1.json';

  async function endJob(end: (id: string, context: JobContext, world: World) => Promise<never>) {
    const world = testWorld();
    const { id } = await submitJob(spec, world);
    const attempt = { job: id, attempt: (await dispatchJob(id, recordingCompute(), world)) ?? 0 };
    const under = checkpointPrefix(id);
    await workOnJob(
      attempt,
      async (job, context) => {
        for (const name of [choice, trial]) await world.store.put(`${under}${name}`, new Uint8Array());
        await attemptCheckpoints(job as JobRecord, 'tail', world.store).save(Uint8Array.of(1));
        return end(id, context, world);
      },
      world,
      new AbortController().signal,
    );
    return { state: (await readJob(id, world.store)).state, left: await names(world.store, under) };
  }

  test.each<[string, JobState, (id: string, context: JobContext, world: World) => Promise<never>]>([
    ['has failed', 'FAILED', () => Promise.reject(new DataError('CLASS_TOO_SMALL', { fix: 'add images' }))],
    [
      'was cancelled',
      'CANCELLED',
      async (id, { report, flush, signal }, world) => {
        await cancelJob(id, recordingCompute(), world);
        report({ stage: 'train', done: 1, total: 2 });
        await flush();
        throw signal.reason;
      },
    ],
  ])('that %s go, and what a retry reads stays', async (_, state, end) => {
    expect(await endJob(end)).toEqual({ state, left: [choice, trial] });
  });

  test('that another attempt continues stay', async () => {
    const lost = () => Promise.reject(new RuntimeError('STORE_FAILED', { retryable: true }));
    expect(await endJob(lost)).toEqual({ state: 'SUBMITTED', left: [choice, 'tail-1', trial] });
  });
});
