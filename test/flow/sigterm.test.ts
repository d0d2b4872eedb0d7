import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../lib/client/client.ts';
import { httpTransport } from '../../lib/client/transport.ts';
import { storeDirectory } from '../../lib/local/data-folder.ts';
import { objectFile } from '../../lib/local/file-store.ts';
import { randomStream } from '../../lib/random.ts';
import { graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';

const epochs = 240;
/**
 * Epochs after which the process is asked to end; two, as a job has three attempts. The last half is left, so that the
 * job does not end before the test sees the second one.
 */
const points = [1, 2].map((seed) => {
  const random = randomStream(seed, 'sigterm');
  const [first, second] = [1 + random.integer(epochs / 4), 1 + random.integer(epochs / 4)];
  return [first, epochs / 4 + second] as const;
});

describe('a training that is asked to end at random epochs, as a spot machine is', () => {
  test.each(points)(
    '%i and %i: goes on where it stood, to the same bytes',
    async (first, second) => {
      const directory = scratchFolder();
      const { address } = await startDev({ GRAFT_DATA_DIR: directory });
      await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_API: address });
      const client = createClient(httpTransport(address));
      const [calm, disturbed] = [await submit(client, 'calm'), await submit(client, 'disturbed')];
      for (const [index, epoch] of [first, second].entries()) {
        const job = await until(client, disturbed, ({ attempt, progress }) => attempt > index && hasTrained(progress, epoch));
        process.kill(Number(job.handle?.split(':')[0]), 'SIGTERM');
      }
      const ended = await until(client, disturbed, ({ state }) => state === 'SUCCEEDED');
      expect(ended.attempt).toBe(3);
      expect(await filesOf('disturbed', disturbed)).toEqual(await filesOf('calm', calm));

      async function filesOf(name: string, id: string): Promise<Buffer[]> {
        const { versions } = await client.models.get(name);
        expect(versions.map(({ job }) => job)).toEqual([id]);
        const files = ['model.onnx', 'history.json'].map((file) =>
          objectFile(storeDirectory(directory), `${versions[0]?.package}${file}`),
        );
        return Promise.all(files.map((file) => readFile(file)));
      }
    },
    600_000,
  );
});

type Job = Awaited<ReturnType<Client['jobs']['get']>>;

async function submit(client: Client, name: string): Promise<string> {
  const training = { epochs, batchSize: 4, earlyStopping: null, refit: false, mix: { name: 'mixup' as const } };
  const head = [{ layer: 'globalAveragePool' as const }, { layer: 'dropout' as const, rate: 0.3 }];
  const spec = { name, dataset: 'trash', backbone: { inputSize: 96 }, strategy: 'feature-extraction' as const, head, training };
  return (await client.jobs.submit(spec, name)).id;
}

function hasTrained(progress: Job['progress'], epoch: number): boolean {
  return progress?.stage === 'train' && progress.done >= epoch;
}

/** Looks until the job is so far. A job that ends first was too fast for the test, which then says nothing and must fail. */
async function until(client: Client, id: string, reached: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await client.jobs.get(id);
    if (reached(job)) return job;
    if (/SUCCEEDED|FAILED|CANCELLED/.test(job.state))
      throw new Error(`the job ended before it was caught: ${JSON.stringify(job.error)}`);
    await wait(5);
  }
}
