import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSpecFile, type SpecFile } from '../../../cli/commands/read-spec.ts';
import { specTemplate } from '../../../cli/commands/spec-template.ts';
import { type SpecOptions, trainSpec } from '../../../cli/commands/train-spec.ts';
import type { Context } from '../../../cli/context.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { graftJson, scratchFolder, trashPhotographs } from '../../support/graft.ts';

const weights = fileURLToPath(new URL('../../../assets/efficientnet-lite0.safetensors', import.meta.url));

test('a weight file of the command line is for the backbone that the spec names', async () => {
  const directory = scratchFolder();
  const spec = join(directory, 'spec.json');
  const train = (backbone: unknown) =>
    writeFile(spec, JSON.stringify({ dataset: 'trash', backbone })).then(() =>
      graftJson(['train', '--spec', spec, '--weights', weights, '--dry-run'], { GRAFT_DATA_DIR: directory }),
    );
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_DATA_DIR: directory });
  const { spec: resolved } = await train({ name: 'efficientnet_lite0', inputSize: 64 });
  expect(resolved.backbone).toMatchObject({
    name: 'efficientnet_lite0',
    inputSize: [64, 64],
    weights: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await train({ inputSize: 64 })).spec.backbone).toEqual(resolved.backbone);
  expect(await train({ name: 'vgg16' }), 'weights of another network').toMatchObject({ error: { code: 'WEIGHTS_MISMATCH' } });
  expect(await train('vgg16'), 'a spec that is wrong').toMatchObject({
    error: { code: 'SPEC_EXPECTED', at: `${spec}: backbone` },
  });
});

test('--optimizer adam is what leaving it out means; another optimizer than the spec file names has its own rate', async () => {
  const path = join(scratchFolder(), 'spec.jsonc');
  await writeFile(path, specTemplate('trash'));
  const file = await readSpecFile(path);
  const optimizerOf = async (options: SpecOptions, given: SpecFile = {}) =>
    JobSpec.parse(await trainSpec(options, { file: given, ref: 'trash', own: undefined }, {} as Context)).training.optimizer;
  const adam = await optimizerOf({});
  expect(adam).toMatchObject({ name: 'adam', learningRate: 0.003 });
  expect(await optimizerOf({ optimizer: 'adam' })).toEqual(adam);
  expect(await optimizerOf({}, file)).toEqual(adam);
  expect(await optimizerOf({ optimizer: 'sgd' }, file)).toMatchObject({ name: 'sgd', learningRate: 0.01 });
  const quick = { training: { optimizer: { name: 'adam', learningRate: 0.01, beta1: 0.8 } } };
  expect(await optimizerOf({ optimizer: 'adam' }, quick)).toMatchObject({ learningRate: 0.01, beta1: 0.8 });
  expect(await optimizerOf({ optimizer: 'sgd', learningRate: 0.1 }, quick)).toMatchObject({ name: 'sgd', learningRate: 0.1 });
});

test("--backbone-precision is a member of the backbone, also of a model of one's own, and overrides the file", async () => {
  const backboneOf = async (options: SpecOptions, own?: { name: string }, file: SpecFile = {}) =>
    (await trainSpec(options, { file, ref: 'trash', own }, {} as Context)).backbone;
  expect(await backboneOf({ backbonePrecision: 'int8' })).toEqual({ precision: 'int8' });
  expect(await backboneOf({ backbonePrecision: 'int8' }, { name: 'own' })).toEqual({ name: 'own', precision: 'int8' });
  expect(await backboneOf({ backbonePrecision: 'float32' }, undefined, { backbone: { precision: 'int8' } })).toEqual({
    precision: 'float32',
  });
  expect(await backboneOf({})).toBeUndefined();
});

test('--crop and --no-crop are a member of the backbone', async () => {
  const backboneOf = async (options: SpecOptions, own?: { name: string }) =>
    (await trainSpec(options, { file: {}, ref: 'trash', own }, {} as Context)).backbone;
  expect(await backboneOf({ crop: true })).toEqual({ cropToAspectRatio: true });
  expect(await backboneOf({ crop: false }, { name: 'own' })).toEqual({ name: 'own', cropToAspectRatio: false });
});
