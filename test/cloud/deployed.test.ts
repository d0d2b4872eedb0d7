import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uploadSource } from '../../cli/commands/upload.ts';
import type { Client } from '../../lib/client/client.ts';
import { clientOf, deployTo } from '../support/deployed.ts';
import { scratchFolder, trashPhotographs } from '../support/graft.ts';
import { type Ministack, startMinistack } from '../support/ministack.ts';
import { silent } from '../support/silent.ts';

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

let cloud: Ministack;
let outputs: Record<string, string>;
let client: Client;

beforeAll(async () => {
  const folder = scratchFolder({ until: 'file' });
  cloud = await startMinistack(folder);
  outputs = await deployTo(cloud, folder);
  client = clientOf(outputs.ApiUrl!, cloud);
});
afterAll(() => cloud?.stop());

describe('the deployed app, each of its functions held to its own policy', () => {
  test('answers from Node 22, and only to who signs', async () => {
    expect((await client.health()).node).toMatch(/^v?22\./);
    const [id] = new URL(outputs.ApiUrl!).host.split('.');
    const unsigned = await fetch(`${cloud.endpoint}/_aws/execute-api/${id}/$default/v1/health`);
    expect(unsigned.status).toBe(403);
  });

  test('takes images, trains in the training function, and serves the model', async () => {
    const context = { client, wakeWorker() {}, store: undefined, locate: (key: string) => key, close: async () => {} };
    const report = await uploadSource(trashPhotographs, { name: 'trash', maxRefused: 0.05 }, context, silent);
    expect(report).toMatchObject({ accepted: 60, refused: [] });

    const submitted = await client.jobs.submit(
      {
        name: 'trash',
        dataset: report.dataset,
        backbone: { name: 'efficientnet_lite0', inputSize: 64 },
        strategy: 'feature-extraction',
        training: { epochs: 3 },
        compute: { target: 'lambda' },
      },
      'once',
    );
    const job = await ended(submitted.id);
    expect(job, JSON.stringify(job.error)).toMatchObject({ state: 'SUCCEEDED', attempt: 1 });

    const [name = ''] = await readdir(join(trashPhotographs, 'metal'));
    const image = await readFile(join(trashPhotographs, 'metal', name));
    const answer = await client.models.predict('trash', [{ name: 'metal', bytes: image }], { topK: 6 });
    const sum = answer.predictions[0]!.labels.reduce((total, { probability }) => total + probability, 0);
    expect(answer).toMatchObject({ model: 'trash', version: 1 });
    expect(sum).toBeCloseTo(1, 5);
  });

  test('gives a request that does not fit back as problem+json', async () => {
    await expect(client.jobs.get('job-000000000-0000000000')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

/** The job once it has ended; the test's own time limit ends a wait for one that does not. */
async function ended(id: string) {
  for (;;) {
    const job = await client.jobs.get(id);
    if (ENDED.includes(job.state)) return job;
    await wait(500);
  }
}
