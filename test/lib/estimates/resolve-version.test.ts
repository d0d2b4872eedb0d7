import { createHash } from 'node:crypto';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { readOwnModel } from '../../../lib/backbones/own/own-store.ts';
import { readOwnGraph } from '../../../lib/backbones/own/read-own-graph.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { estimatePlan } from '../../../lib/estimates/plan-job.ts';
import { resolveBackbone } from '../../../lib/estimates/resolve-backbone.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { retryJob } from '../../../lib/jobs/retry-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { deleteVersion } from '../../../lib/models/delete-model.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import type { World } from '../../../lib/ports.ts';
import { datasetReport } from '../../support/datasets/dataset-report.ts';
import { putDataset, range } from '../../support/datasets/put-dataset.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

useTensorFlow();

const SIDE = 8;
const JOB = 'job-zd310wsts-63stns7d9m';
const scores = drawScores({ task: 'single-label', count: 12, classes: 3, seed: 1 });

/** A classifier with one linear layer on the channels' means. */
function classifier(): tfl.LayersModel {
  const images = tfl.input({ shape: [SIDE, SIDE, 3], name: 'images' });
  return tfl.model({ inputs: images, outputs: dense('logits', vectorOf(images)) });
}

/** A network that averages the logits of two. */
function average(): tfl.LayersModel {
  const images = tfl.input({ shape: [SIDE, SIDE, 3], name: 'images' });
  const vector = vectorOf(images);
  const both = tfl.layers.concatenate({ name: 'both' }).apply([dense('first', vector), dense('second', vector)]);
  if (!(both instanceof tfl.SymbolicTensor)) throw new Error('no tensor');
  return tfl.model({ inputs: images, outputs: dense('average', both) });
}

function vectorOf(images: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const vector = tfl.layers.globalAveragePooling2d({ dataFormat: 'channelsLast', name: 'mean' }).apply(images);
  if (!(vector instanceof tfl.SymbolicTensor)) throw new Error('no tensor');
  return vector;
}

function dense(name: string, input: tfl.SymbolicTensor): tfl.SymbolicTensor {
  const output = tfl.layers.dense({ units: 3, name }).apply(input);
  if (!(output instanceof tfl.SymbolicTensor)) throw new Error('no tensor');
  return output;
}

type Backbone = JobSpecInput['backbone'];

interface Published {
  readonly task?: 'single-label' | 'one-class';
  /** Of its job. */
  readonly backbone?: Backbone;
  readonly crops?: boolean;
  readonly licence?: string;
}

async function publish(
  model: tfl.LayersModel,
  { store }: World,
  { task = 'single-label', backbone, crops = false, licence = 'Apache-2.0' }: Published = {},
) {
  const onnx = exportOnnx(model, { inputName: 'images', outputName: 'probabilities' });
  const sha256 = createHash('sha256').update(onnx).digest('hex');
  const card = cardFor(scores, ['a', 'b', 'c'], {
    model: 'base',
    task,
    modelDigest: `sha256-${sha256}`,
    backbone: { name: 'efficientnet_lite0', inputSize: [224, 224], weightsDigest: '0', licence },
    ...(backbone && { spec: JobSpec.parse({ name: 'base', dataset: 'base', backbone }) }),
    input: { height: SIDE, width: SIDE, resize: 'bilinear', ...(crops && { cropToAspectRatio: true }) },
  });
  const { metrics, strategy } = card;
  const result = {
    model: 'base',
    strategy,
    metrics,
    seconds: { features: 1, train: 1, evaluate: 1, total: 3 },
    features: { cached: 0, decoded: 12 },
  };
  const written = await writePackage(
    {
      card,
      onnx,
      history: [],
      result: { ...result, runtime: 'onnx', bestEpoch: 1 },
    },
    1,
    store,
  );
  await publishVersion(
    'base',
    {
      job: JOB,
      ...written,
      createdAt: '2030-01-01T00:00:00.000Z',
      dataset: `base@sha256-${'0'.repeat(64)}`,
      backbone: 'efficientnet_lite0',
    },
    store,
  );
  return { sha256, prefix: written.package };
}

const resolve = (backbone: JobSpecInput['backbone'], { store }: World) =>
  resolveBackbone(JobSpec.parse({ name: 'next', dataset: 'next', backbone }), store);

test('a version is pinned by its name and its SHA-256, and its graph is copied: the version may be deleted', async () => {
  const world = testWorld();
  const { sha256 } = await publish(classifier(), world);
  const { backbone } = await resolve({ name: 'model:base' }, world);
  expect(backbone).toMatchObject({
    name: 'own',
    inputSize: [SIDE, SIDE],
    own: { sha256, licence: 'Apache-2.0', version: { ref: 'base@1' } },
  });
  // A resolved spec resolves to itself.
  expect((await resolve(backbone, world)).backbone).toEqual(backbone);
  const { own } = backbone;
  if (own === undefined) throw new Error('no model');
  await deleteVersion('base', 1, world.store);
  expect((await readOwnModel(own, world.store)).length).toBeGreaterThan(0);
  expect((await readOwnGraph(own, world.store)).settings.output).toMatch(/mean/);
  await expect(resolve(backbone, world)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
});

test('a version that crops images is a backbone that does, unless the spec says otherwise', async () => {
  const world = testWorld();
  await publish(classifier(), world, { crops: true });
  const { backbone } = await resolve({ name: 'model:base' }, world);
  expect(backbone.cropToAspectRatio).toBe(true);
  expect((await resolve(backbone, world)).backbone).toEqual(backbone);
  const squeezed = await resolve({ name: 'model:base', cropToAspectRatio: false }, world);
  expect(squeezed.backbone.cropToAspectRatio).toBe(false);
});

test.each([
  ['x'.repeat(300), 'x'.repeat(200)],
  [' ', undefined],
])('a licence that no spec may have is shortened or left out: %j', async (licence, expected) => {
  const world = testWorld();
  await publish(classifier(), world, { licence });
  const { backbone } = await resolve({ name: 'model:base' }, world);
  expect(backbone.own?.licence).toBe(expected);
  expect(JobSpec.shape.backbone.parse(backbone)).toEqual(backbone);
});

test.each([
  ['another graph', { sha256: 'a'.repeat(64) }, 'backbone.own.sha256'],
  ['another licence', { licence: 'MIT' }, 'backbone.own.licence'],
  ['another value of the graph', { output: 'images' }, 'backbone.own.output'],
  ['another normalization', { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] }, 'backbone.own.mean'],
  ['another pretrained network', { version: { backbone: 'vgg16' } }, 'backbone.own.version.backbone'],
] as const)('a spec that names %s for a version is refused', async (_, given, at) => {
  const { version, ...more } = { version: {}, ...given };
  const world = testWorld();
  const { sha256 } = await publish(classifier(), world);
  const own = { sha256, version: { ref: 'base@1', ...version }, ...more };
  const refused = resolve(JobSpec.shape.backbone.parse({ name: 'own', inputSize: SIDE, own }), world);
  await expect(refused).rejects.toMatchObject({ code: 'BACKBONE_MODEL_UNSUPPORTED', at });
  await expect(refused).rejects.not.toThrow(sha256);
});

const own = { sha256: 'a'.repeat(64) };

test.each<[string, Backbone, string | undefined]>([
  ['a pretrained network', { name: 'vgg16', weights: 'imagenet' }, 'efficientnet_lite0'],
  ['random weights', { name: 'vgg16', weights: 'none' }, undefined],
  ['imported weights', { name: 'vgg16', weights: 'imported' }, undefined],
  ['a version on a pretrained network', { name: 'own', own: { ...own, version: { ref: 'a@1', backbone: 'vgg19' } } }, 'vgg19'],
  ['an encoder of the user', { name: 'own', own }, undefined],
])('a version on %s keeps the name of the pretrained network', async (_, backbone, origin) => {
  const world = testWorld();
  await publish(classifier(), world, { backbone });
  const resolved = await resolve({ name: 'model:base' }, world);
  expect(resolved.backbone.own?.version).toEqual({ ref: 'base@1', ...(origin && { backbone: origin }) });
});

test('a spec cannot name the files of a version', () => {
  const own = { sha256: 'a'.repeat(64), version: { ref: 'base@1', package: 'models/base/../' } };
  const backbone = { name: 'own', own };
  expect(JobSpec.safeParse({ name: 'next', dataset: 'next', backbone }).success).toBe(false);
});

test.each([
  ['an average of networks', average, 'single-label', /average of networks/],
  ['a one-class model', classifier, 'one-class', /use the backbone of base: efficientnet_lite0/],
] as const)('%s is refused at submission', async (_, model, task, message) => {
  const world = testWorld();
  await publish(model(), world, { task });
  const refused = resolve({ name: 'model:base' }, world);
  await expect(refused).rejects.toMatchObject({ code: 'BACKBONE_MODEL_UNSUPPORTED' });
  await expect(refused).rejects.toThrow(message);
});

test('no fix names an option that a version does not have', async () => {
  const world = testWorld();
  await publish(classifier(), world);
  const spec = JobSpec.parse({
    name: 'next',
    dataset: 'next',
    backbone: { name: 'model:base' },
    strategy: 'earlier-features',
  });
  await expect(resolveBackbone(spec, world.store)).rejects.toMatchObject({
    code: 'OWN_MODEL_FROZEN',
    fix: 'leave the strategy out, or use fine-tune-top',
  });
});

test('a version without its graph is refused', async () => {
  const world = testWorld();
  const { prefix } = await publish(classifier(), world);
  await world.store.delete(`${prefix}model.onnx`);
  await expect(resolve({ name: 'model:base' }, world)).rejects.toMatchObject({ code: 'MODEL_PACKAGE_MISSING' });
});

test('a search reads a version that was deleted since its submission', async () => {
  const world = testWorld();
  await publish(classifier(), world);
  const { backbone } = await resolve({ name: 'model:base' }, world);
  await deleteVersion('base', 1, world.store);
  const spec = JobSpec.parse({ name: 'next', dataset: 'next', backbone });
  const { own } = backbone;
  await expect(resolveBackbone(spec, world.store, { resolved: own })).resolves.toMatchObject({ backbone });
});

test('a retry of a job does not need the version that is its backbone any more', async () => {
  const world = testWorld();
  await publish(classifier(), world);
  const digest = await putDataset('flowers', range(0, 40), world);
  await writeReport({ ...datasetReport(40), digest }, world.store);
  const backbone = { name: 'model:base' };
  const planned = await estimatePlan(JobSpec.parse({ name: 'next', dataset: 'flowers', backbone }), world);
  const { id } = await submitJob(planned.spec, world, planned);
  await cancelJob(id, recordingCompute(), world);
  await deleteVersion('base', 1, world.store);
  await expect(retryJob(id, world)).resolves.toMatchObject({ state: 'SUBMITTED', retryOf: id, spec: planned.spec });
});
