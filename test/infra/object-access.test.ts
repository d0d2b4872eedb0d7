import { describe, expect, test } from 'vitest';
import { functionNames } from '../../infra/bundles/functions.ts';
import { objectAccess } from '../../infra/object-access.ts';
import { bucketOf } from '../../lib/aws/bucket-of.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { splitVersion } from '../../lib/datasets/splits/split-version.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { writeReport } from '../../lib/datasets/versions/report-store.ts';
import { estimatePlan } from '../../lib/estimates/plan-job.ts';
import { imagenetPrefix } from '../../lib/models/served-package.ts';
import { statementsOf, synthStacks } from '../support/aws/stacks.ts';
import { datasetReport } from '../support/datasets/dataset-report.ts';
import { enterRows, putDataset, range, shaOf } from '../support/datasets/put-dataset.ts';
import { putFeatures } from '../support/put-features.ts';
import { watchedStore } from '../support/watched-store.ts';
import { testWorld } from '../support/world.ts';

const { graft, gpu } = synthStacks();

/** What roles may do with objects of one kind: `Predict: s3:GetObject on data/inputs`. */
const grants = [graft, gpu ?? graft].flatMap((template) =>
  statementsOf(template).flatMap(({ who, actions, resources }) =>
    resources.flatMap((resource) => {
      const [, bucket, prefix] = /:::graft-(data|models)-[^/]*\/([^/]+)\/\*$/.exec(resource) ?? [];
      const role = who.replace(/^Functions|Role.*$/g, '');
      return prefix === undefined ? [] : actions.map((action) => `${role}: ${action} on ${bucket}/${prefix}`);
    }),
  ),
);

test.each(functionNames)('%s may do what the catalogue of keys says, in the bucket where the store keeps each kind', (name) => {
  const { data, models } = objectAccess(name);
  for (const [bucket, access] of Object.entries({ data, models })) {
    const prefixes = [...access.read, ...access.write, ...access.delete];
    expect(prefixes.filter((prefix) => bucketOf(`${prefix}a`, { data: 'data', models: 'models' }) !== bucket)).toEqual([]);
  }
  const role = name.charAt(0).toUpperCase() + name.slice(1);
  const actions = {
    read: ['s3:GetObject'],
    write: ['s3:PutObject', 's3:AbortMultipartUpload'],
    delete: ['s3:DeleteObject'],
  } as const;
  const expected = Object.entries({ data, models }).flatMap(([bucket, access]) =>
    (['read', 'write', 'delete'] as const).flatMap((permission) =>
      access[permission].flatMap((prefix) =>
        actions[permission].map((action) => `${role}: ${action} on ${bucket}/${prefix.slice(0, -1)}`),
      ),
    ),
  );
  expect(grants.filter((grant) => grant.startsWith(`${role}:`)).sort()).toEqual(expected.sort());
});

describe('the function that predicts', () => {
  const predicts = grants.filter((grant) => grant.startsWith('Predict:'));

  test('reads models, and the images that a request may name by their address, and writes only what a model keeps', () => {
    expect(predicts.sort()).toEqual([
      'Predict: s3:AbortMultipartUpload on data/kept-images',
      'Predict: s3:AbortMultipartUpload on data/kept-predictions',
      'Predict: s3:GetObject on data/blobs',
      'Predict: s3:GetObject on data/inputs',
      'Predict: s3:GetObject on models/imagenet',
      'Predict: s3:GetObject on models/models',
      'Predict: s3:GetObject on models/registry',
      'Predict: s3:PutObject on data/kept-images',
      'Predict: s3:PutObject on data/kept-predictions',
    ]);
  });
});

test('a backbone with its own ImageNet top is read by what answers, by what takes jobs, and by what runs them', () => {
  const kind = imagenetPrefix('vgg16').split('/')[0];
  const readers = grants.filter((grant) => grant.endsWith(`models/${kind}`));
  expect(readers.sort()).toEqual(['Api', 'Job', 'Predict', 'Train'].map((role) => `${role}: s3:GetObject on models/imagenet`));
});

test('an estimate finds the features of earlier jobs with what the API may read', async () => {
  const world = testWorld();
  const rows = range(0, 200).map((i) => ({ path: `a/${i}.png`, sha256: shaOf(i), labels: ['a'], width: 1, height: 1 }));
  const digest = await enterRows('flowers', rows, world);
  await writeReport({ ...datasetReport(200), digest }, world.store);
  const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: [32, 32] as [number, number], weights: 'none' };
  const end = { cut: 'stages', pooling: undefined } as const;
  await putFeatures({ backbone, end }, [{ images: range(0, 200) }], world.store);
  const { data, models } = objectAccess('api');
  const readable = [...data.read, ...models.read];
  const refused: string[] = [];
  const store = watchedStore(world.store, async (_, name, [key]) => {
    // The API may list the whole bucket.
    if (name === 'list' || readable.some((prefix) => String(key).startsWith(prefix))) return;
    refused.push(`${name} ${key}`);
    throw new Error('ACCESS_DENIED');
  });
  const spec = JobSpec.parse({ name: 'flowers', dataset: 'flowers', task: 'single-label', effort: 'fast', backbone });
  const { estimate } = await estimatePlan(spec, { ...world, store });
  expect(refused).toEqual([]);
  expect(estimate.cachedFeatures).toBe(1);
});

test('a training splits a version, and stores the sets of earlier ones, with what it may read and write', async () => {
  const world = testWorld();
  for (const size of [10, 20]) await putDataset('flowers', range(0, size), world);
  const { data, models } = objectAccess('train');
  const [readable, writable] = [
    [...data.read, ...models.read],
    [...data.write, ...models.write],
  ];
  const refused: string[] = [];
  const store = watchedStore(world.store, async (_, name, [key]) => {
    const allowed = name === 'put' ? writable : readable;
    if (name === 'list' || allowed.some((prefix) => String(key).startsWith(prefix))) return;
    refused.push(`${name} ${key}`);
    throw new Error('ACCESS_DENIED');
  });
  await splitVersion(await openDataset('flowers', store), { train: 0.7, validation: 0.1, test: 0.2 }, 0, store);
  expect(refused).toEqual([]);
  expect((await world.store.list('splits/')).objects).toHaveLength(1);
});
