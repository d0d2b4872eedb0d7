import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readSpecFile, type SpecFile } from '../../../cli/commands/read-spec.ts';
import { specTemplate } from '../../../cli/commands/spec-template.ts';
import { type TrainOptions, train } from '../../../cli/commands/train.ts';
import { type SpecOptions, trainSpec } from '../../../cli/commands/train-spec.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { scratchFolder, trashPhotographs } from '../../support/graft.ts';

const own = {
  name: 'own',
  inputSize: [32, 32],
  own: { sha256: 'a'.repeat(64) },
} satisfies JobSpecInput['backbone'];

const specOf = (file: SpecFile, options: SpecOptions = {}, imported?: JobSpecInput['backbone']) =>
  trainSpec(options, { file, own: imported }, {} as Context);
const backboneOf = async (...given: Parameters<typeof specOf>) => (await specOf(...given)).backbone;

test.each<SpecFile>([
  { search: {} },
  { fineTuning: { gradualUnfreezing: {} } },
  { backbone: {}, training: {}, compute: {}, novelty: null },
  { training: { earlyStopping: null, classWeights: { cat: 2 } }, split: { train: 0.5, validation: 0.25, test: 0.25 } },
])('the members of a spec file stay as they are: %j', async (file) => {
  expect(await specOf({ ...file, dataset: 'trash' })).toEqual(file);
  expect(await specOf(file, { name: 'm', seed: 3 })).toEqual({ ...file, name: 'm', training: { ...file.training, seed: 3 } });
});

test('flags override members of the spec file', async () => {
  const file = {
    name: 'a',
    strategy: 'fine-tune-top',
    effort: 'best',
    head: [{ layer: 'flatten' }],
    training: { epochs: 3, batchSize: 8, classWeights: { cat: 2 }, augment: 'light' },
    compute: { target: 'gpu', maxCost: 1 },
  };
  const options = {
    strategy: 'auto',
    fast: true,
    head: 'linear',
    epochs: 5,
    classWeights: 'balanced',
    maxCost: 2,
    maxMinutes: 9,
  };
  expect(await specOf(file, options)).toEqual({
    name: 'a',
    strategy: 'auto',
    effort: 'fast',
    head: 'linear',
    training: { epochs: 5, batchSize: 8, classWeights: 'balanced', augment: 'light' },
    compute: { target: 'gpu', maxCost: 2, maxMinutes: 9 },
  });
});

test.each(['head.json', 'head.jsonc', 'head'])('--head takes a list of layers with comments from the file %s', async (name) => {
  const path = join(scratchFolder(), name);
  await writeFile(path, '// One layer.\n[{ "layer": "flatten" },]');
  expect(await specOf({}, { head: path })).toEqual({ head: [{ layer: 'flatten' }] });
  expect(await specOf({}, { head: 'mlp' })).toEqual({ head: 'mlp' });
});

test.each<[flag: string, freeze: JobSpecInput['freeze']]>([
  ['2', { stages: 2 }],
  ['all', 'all'],
  ['block3', { through: 'block3' }],
])('--freeze %s replaces what the file freezes', async (flag, freeze) => {
  expect(await specOf({ freeze: { through: 'block4_pool' } }, { freeze: flag })).toEqual({ freeze });
});

describe('a flag for another backbone than that of the file', () => {
  const shared = { inputSize: 64, cropToAspectRatio: true };
  const compared = { name: 'auto', candidates: [{ name: 'resnet50' }], ...shared };
  const both = { name: 'auto', candidates: [{ name: 'vgg16' }, { name: 'vgg19' }] };
  const vgg = { name: 'vgg16', weights: 'imagenet', alpha: 1, ...shared };
  test.each<[flag: string, file: NonNullable<SpecFile['backbone']>, backbone: object]>([
    ['vgg16', compared, { name: 'vgg16', ...shared }],
    ['vgg16', { name: ['resnet50', 'vgg19'], ...shared }, { name: 'vgg16', ...shared }],
    ['vgg16', { ...own, cropToAspectRatio: true }, { name: 'vgg16', inputSize: [32, 32], cropToAspectRatio: true }],
    ['vgg19', vgg, { ...vgg, name: 'vgg19' }],
    ['vgg16', vgg, vgg],
    ['auto', vgg, { name: 'auto', ...shared }],
    ['auto', compared, { name: 'auto', ...shared }],
    ['vgg16, vgg19', compared, { ...both, ...shared }],
    ['vgg16,vgg19', own, { ...both, inputSize: [32, 32] }],
    ['own', own, own],
  ])('keeps what that one can have, too: --backbone %s', async (flag, file, backbone) => {
    expect(await backboneOf({ backbone: file }, { backbone: flag })).toEqual(backbone);
  });

  test("keeps precision and crop with a model of one's own", async () => {
    const file = { ...compared, precision: 'int8' };
    expect(await backboneOf({ backbone: file }, { backbone: 'x.onnx' }, own)).toEqual({
      ...own,
      precision: 'int8',
      cropToAspectRatio: true,
    });
    expect(await backboneOf({ backbone: vgg }, { backbone: 'x.onnx', crop: false }, own)).toEqual({
      ...own,
      cropToAspectRatio: false,
    });
  });
});

test('--optimizer adam is what leaving it out means; another optimizer than the spec file names has its own rate', async () => {
  const path = join(scratchFolder(), 'spec.jsonc');
  await writeFile(path, specTemplate('trash'));
  const file = await readSpecFile(path);
  const optimizerOf = async (options: SpecOptions, given: SpecFile = {}) =>
    JobSpec.parse({ name: 'trash', ...(await specOf(given, options)), dataset: 'trash' }).training.optimizer;
  const adam = await optimizerOf({});
  expect(adam).toMatchObject({ name: 'adam', learningRate: 0.003 });
  expect(await optimizerOf({ optimizer: 'adam' })).toEqual(adam);
  expect(await optimizerOf({ learningRate: 0.1 })).toEqual({ ...adam, learningRate: 0.1 });
  expect(await optimizerOf({}, file)).toEqual(adam);
  expect(await optimizerOf({ optimizer: 'sgd' }, file)).toMatchObject({ name: 'sgd', learningRate: 0.01 });
  const quick = { training: { optimizer: { name: 'adam', learningRate: 0.01, beta1: 0.8 } } };
  expect(await optimizerOf({ optimizer: 'adam' }, quick)).toMatchObject({ learningRate: 0.01, beta1: 0.8 });
  expect(await optimizerOf({ learningRate: 0.02 }, quick)).toMatchObject({ learningRate: 0.02, beta1: 0.8 });
  expect(await optimizerOf({ optimizer: 'sgd', learningRate: 0.1 }, quick)).toMatchObject({ name: 'sgd', learningRate: 0.1 });
});

test("--backbone-precision is a member of the backbone, also of a model of one's own, and overrides the file", async () => {
  expect(await backboneOf({}, { backbonePrecision: 'int8' })).toEqual({ precision: 'int8' });
  expect(await backboneOf({}, { backbonePrecision: 'int8' }, own)).toEqual({ ...own, precision: 'int8' });
  expect(await backboneOf({ backbone: { precision: 'int8' } }, { backbonePrecision: 'float32' })).toEqual({
    precision: 'float32',
  });
  expect(await backboneOf({})).toBeUndefined();
});

test('--crop and --no-crop are a member of the backbone', async () => {
  expect(await backboneOf({}, { crop: true })).toEqual({ cropToAspectRatio: true });
  expect(await backboneOf({}, { crop: false }, own)).toEqual({ ...own, cropToAspectRatio: false });
});

test.each<[wrong: string, file: SpecFile, options: SpecOptions, error: object]>([
  ['an unknown member', { trainig: {} }, {}, { code: 'UNKNOWN_KEY', fix: 'did you mean training?' }],
  ['a flag out of range', {}, { epochs: 0 }, { code: 'REQUEST_INVALID', at: 'training.epochs' }],
  ['a name of a model', {}, { name: 'A B' }, { code: 'REQUEST_INVALID', at: 'name' }],
  ['the name of a pretrained model', { name: 'imagenet.v2' }, {}, { code: 'MODEL_NAME_RESERVED', at: 'name' }],
  ['an optimizer that is no object', { training: { optimizer: 'sgd' } }, { learningRate: 0.1 }, { at: 'training.optimizer' }],
  ['weights for a comparison', {}, { backbone: 'auto', weights: 'a.h5' }, { at: 'backbone.candidates' }],
])('%s is refused without a data set', async (_, file, options, error) => {
  await expect(specOf(file, options)).rejects.toMatchObject(error);
});

test.each<[wrong: string, options: TrainOptions, error: object]>([
  ['flags that contradict each other', { fast: true, head: 'mlp' }, { code: 'USAGE' }],
  ['a head that is no file', { head: 'none.json' }, { code: 'FILE_UNREADABLE' }],
  ['a number out of range', { epochs: 0 }, { code: 'REQUEST_INVALID', at: 'training.epochs' }],
])('graft train refuses %s before it imports a folder', async (_, options, error) => {
  const context = { client: {}, store: undefined } as Context;
  await expect(train({ ...options, dataset: trashPhotographs }, context, {} as Output)).rejects.toMatchObject(error);
});

test.each([
  [{ dataset: 'imagenet.v2' }, 'imagenet-v2'],
  [{ dataset: 'flowers' }, 'flowers'],
  [{ dataset: 'imagenet.v2', name: 'flowers' }, 'flowers'],
])('graft train %j trains the model %s', async (options, name) => {
  const estimate = vi.fn().mockRejectedValue(new Error('estimated'));
  const context = { client: { estimate } as unknown, store: undefined } as Context;
  await expect(train({ ...options, dryRun: true }, context, {} as Output)).rejects.toThrow('estimated');
  expect(estimate).toHaveBeenCalledWith(expect.objectContaining({ name }));
});
