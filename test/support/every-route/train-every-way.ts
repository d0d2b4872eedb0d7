import { join } from 'node:path';
import { expect } from 'vitest';
import { importWeightFile } from '../../../cli/commands/weights.ts';
import { importOwnModel } from '../../../lib/backbones/own/import-own-model.ts';
import type { Client } from '../../../lib/client/client.ts';
import type { JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { root } from '../docs/pages.ts';
import { fixturePath } from '../fixtures.ts';
import { type Deployed, succeeded } from './deployed.ts';

const spec = {
  strategy: 'feature-extraction',
  training: { epochs: 1 },
  compute: { target: 'lambda' },
} as const satisfies Partial<JobSpecInput>;
const lite0 = { name: 'efficientnet_lite0', inputSize: 32 };
const half: [number, number, number] = [0.5, 0.5, 0.5];

/** Submits a job for each place that what trains reads from and writes to. */
export async function trainEveryWay(client: Client, { store }: Deployed, digest: string): Promise<void> {
  const weights = await importWeightFile(join(root, 'assets/efficientnet-lite0.safetensors'), { backbone: lite0.name }, store);
  const { backbone: own } = await importOwnModel(fixturePath('own-models/vit.onnx'), store, {
    output: 'pooler_output',
    mean: half,
    std: half,
  });
  const specs: JobSpecInput[] = [
    {
      ...spec,
      name: 'trash',
      dataset: 'trash',
      task: 'single-label',
      backbone: { ...lite0, alpha: 1, weights: 'bundled' },
      fineTuning: { epochs: 1 },
      head: 'linear',
      split: { train: 0.6, validation: 0.2, test: 0.2 },
      novelty: { rate: 0.1 },
      // A name that never has an address.
      webhook: { url: 'https://hooks.invalid/graft' },
    },
    {
      ...spec,
      name: 'trash',
      dataset: 'trash:latest',
      strategy: undefined,
      effort: 'fast',
      backbone: { ...lite0, weights: weights.sha256, cropToAspectRatio: true },
    },
    {
      ...spec,
      name: 'compared',
      dataset: 'trash',
      backbone: {
        name: 'auto',
        candidates: ['bundled', 'none', 'imported', weights.sha256].map((of) => ({ ...lite0, alpha: 1, weights: of })),
      },
    },
    { ...spec, name: 'found', dataset: `trash@${digest}`, backbone: lite0, search: { trials: 2 } },
    { ...spec, name: 'placed', dataset: 'placed', strategy: undefined, freeze: 'all', backbone: { ...lite0, weights: 'none' } },
    { ...spec, name: 'imported', dataset: 'trash', backbone: { ...lite0, weights: 'imported', precision: 'int8' } },
    { ...spec, name: 'own', dataset: 'trash', backbone: own },
  ];
  for (const each of specs) await client.estimate(each);
  const jobs: string[] = [];
  for (const each of specs) jobs.push((await client.jobs.submit(each)).id);
  for (const id of jobs) expect(await succeeded(client, id)).toMatchObject({ attempt: 1 });
  const [id = ''] = jobs;
  const { next } = await client.jobs.events(id, { limit: 1 });
  await client.jobs.events(id, { after: next });
  const [first] = (await client.jobs.files(id, { limit: 1 })).files;
  for (const file of (await client.jobs.files(id, { after: first?.name })).files) await client.fetchFile(file);

  // Without fine-tuning there is no interim result; a job that has ended does not change.
  expect(await client.jobs.finish(id)).toMatchObject({ state: 'SUCCEEDED' });
  const { id: unwanted } = await client.jobs.submit({ ...spec, name: 'unwanted', dataset: 'trash', backbone: lite0 });
  await client.jobs.cancel(unwanted);
  await succeeded(client, (await client.jobs.retry(unwanted)).id);
  const page = await client.jobs.list({ limit: 1, state: 'SUCCEEDED', model: 'trash', dataset: 'trash' });
  await client.jobs.list({ after: page.next, dataset: 'trash:latest' });
  await client.jobs.list({ dataset: `trash@${digest}` });
}
