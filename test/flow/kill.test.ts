import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { hasEnded } from '../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';
import { killWorker } from '../support/processes/kill-worker.ts';

/** Small and slow enough to be caught: many epochs on few images. Stages that are over in no time die in dying-store.test.ts. */
const training = { epochs: 120, batchSize: 4, earlyStopping: null };

type Point = [name: string, reached: (job: AnyJob) => boolean];
const points: Point[] = [
  ['it prepares', (job) => job.state === 'RUNNING'],
  ['it is a quarter trained', (job) => job.progress?.stage === 'train' && job.progress.done > 30],
];

describe('kill -9 of the training process', () => {
  test.each(points)('when %s: another attempt finishes the job, once', async (_, reached) => {
    const { directory, client } = await system();
    const { id } = await submit(client);
    const job = await until(client, id, reached);
    killWorker(job);
    await expectOneModel(client, id, directory);
  });
});

describe('kill -9 of graft dev and its worker', () => {
  test.each(points)('when %s: after a restart the job is finished, once', async (_, reached) => {
    const { directory, client, stop } = await system();
    const { id } = await submit(client);
    const job = await until(client, id, reached);
    await stop('SIGKILL');
    killWorker(job);
    const { address } = await startDev({ GRAFT_DATA_DIR: directory });
    await expectOneModel(createClient(httpTransport(address)), id, directory);
  });

  test('a worker that outlives it finishes the job, and nobody trains it again', async () => {
    const { directory, client, stop } = await system();
    const { id } = await submit(client);
    await until(client, id, (job) => job.progress?.stage === 'train');
    await stop('SIGKILL');
    const { address } = await startDev({ GRAFT_DATA_DIR: directory });
    const restarted = createClient(httpTransport(address));
    await expectOneModel(restarted, id, directory);
    expect((await restarted.jobs.get(id)).attempt).toBe(1);
  });
});

async function system() {
  const directory = scratchFolder();
  const dev = await startDev({ GRAFT_DATA_DIR: directory });
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_API: dev.address });
  return { directory, client: createClient(httpTransport(dev.address)), stop: dev.stop };
}

function submit(client: Client): Promise<AnyJob> {
  return client.jobs.submit(
    { name: 'trash', dataset: 'trash', strategy: 'feature-extraction', backbone: { inputSize: 96 }, training },
    'the only key',
  );
}

/** Looks until the job is so far. A job that ends first was too fast for the test, which then says nothing and must fail. */
async function until(client: Client, id: string, reached: (job: AnyJob) => boolean): Promise<AnyJob> {
  for (;;) {
    const job = await client.jobs.get(id);
    if (reached(job)) return job;
    if (hasEnded(job)) throw new Error(`the job ended before it was caught: ${JSON.stringify(job.error ?? job.state)}`);
    await wait(5);
  }
}

async function expectOneModel(client: Client, id: string, directory: string): Promise<void> {
  const job = await until(client, id, hasEnded);
  expect(job.state, JSON.stringify(job.error)).toBe('SUCCEEDED');
  const { versions, aliases } = await client.models.get('trash');
  expect(versions.map(({ version, job: by }) => [version, by])).toEqual([[1, id]]);
  expect(aliases).toEqual({ latest: 1 });
  const image = join(trashPhotographs, 'metal', (await readdir(join(trashPhotographs, 'metal')))[0] ?? '');
  const answer = await graftJson(['predict', 'trash', image], { GRAFT_DATA_DIR: directory });
  expect(answer.predictions[0].labels[0].probability).toBeGreaterThan(0);
  expect((await client.jobs.list()).jobs).toHaveLength(1);
}
