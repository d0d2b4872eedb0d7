import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeCheck, exportTo } from '../../../cli/commands/export.ts';
import type { ExportOptions } from '../../../cli/commands/export-by-job.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { createClient } from '../../../lib/client/client.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import type { ExportFormat } from '../../../lib/contracts/model-export.ts';
import { writePackage } from '../../../lib/models/model-package.ts';
import { publishVersion } from '../../../lib/models/registry.ts';
import { digestOf, imagenetPrefix, writeServedModel } from '../../../lib/models/served-package.ts';
import { apiSystem } from '../../support/api.ts';
import { scratchFolder } from '../../support/graft.ts';
import { classifier, exportedModel } from '../../support/models/exported-model.ts';
import { publishColours } from '../../support/models/published-colours.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

const labels = ['cardboard', 'glass', 'metal'];

/** A system with the model `scored`, and with a backbone that has its ImageNet top. */
async function system(more: Partial<ModelCard> = {}) {
  const { api, world } = apiSystem();
  const { store } = world;
  const onnx = classifier(labels.length);
  const scores = drawScores({ task: 'single-label', count: 12, classes: labels.length, seed: 1 });
  const card = cardFor(scores, labels, {
    modelDigest: digestOf(onnx),
    input: { height: 24, width: 32, resize: 'bilinear' },
    backbone: { name: 'mine', inputSize: [24, 32], weightsDigest: '0', licence: 'mine alone' },
    ...more,
  });
  const { job, createdAt, strategy, metrics, bestEpoch } = card;
  const seconds = { features: 3, train: 2, evaluate: 0.5, total: 7 };
  const features = { cached: 0, decoded: 1 };
  const result = { model: 'scored', strategy, runtime: 'wasm', seconds, features, metrics, bestEpoch };
  const written = await writePackage({ card, onnx, history: [], result }, 1, store);
  const prefix = written.package;
  await publishVersion('scored', { job, ...written, createdAt, backbone: 'mine', dataset: 'scored' }, store);
  await writeServedModel(imagenetPrefix('vgg16'), { ...exportedModel({ labels }).card, model: 'imagenet.vgg16' }, onnx, store);
  const results: unknown[] = [];
  const output = { result: (value: unknown) => results.push(value), progress() {}, endProgress() {} } as unknown as Output;
  const context = { client: createClient(api), store } as unknown as Context;
  const folder = join(scratchFolder(), 'out');
  const run = (ref: string, to: ExportFormat = 'onnx', into = folder) =>
    exportTo(ref, into, { to, precision: 'float32', maxLoss: 0.01 }, context, output);
  return { store, prefix, folder, results, run, context };
}

test('writes a version with its complete card, and lists the files', async () => {
  const { store, prefix, folder, results, run } = await system();
  expect(await run('scored@1')).toBe(0);
  expect(results).toMatchObject([{ model: 'scored', version: 1, format: 'onnx', folder }]);
  expect(readFileSync(join(folder, 'card.json'))).toEqual(Buffer.from((await store.get(`${prefix}card.json`))!.body));
  expect(digestOf(readFileSync(join(folder, 'model.onnx')))).toBe(digestOf(classifier(labels.length)));
  expect(readFileSync(join(folder, 'NOTICE'), 'utf8')).toContain('Licence of these weights: mine alone');
});

test.each(['npm', 'web', 'html', 'tfjs', 'keras'] as const)('writes the format %s', async (format) => {
  const { folder, results, run } = await system();
  expect(await run('scored', format)).toBe(0);
  const [{ files }] = results as [{ files: { name: string }[] }];
  expect(readdirSync(folder).sort()).toEqual(files.map(({ name }) => name).sort());
  const said = 'The weights that were trained on your images are your own.';
  expect(readFileSync(join(folder, 'NOTICE'), 'utf8')).toContain(said);
  if (format === 'web' || format === 'html') expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain(said);
});

test.each(['tfjs', 'keras'] as const)(
  'refuses %s in less precision before it reads the model, and writes nothing',
  async (to) => {
    const { folder, context } = await system();
    const output = { progress() {}, endProgress() {} } as unknown as Output;
    await expect(exportTo('no-such-model', folder, { to, precision: 'int8', maxLoss: 0 }, context, output)).rejects.toMatchObject(
      {
        code: 'EXPORT_PRECISION_UNAVAILABLE',
      },
    );
    expect(readdirSync(join(folder, '..'))).toEqual([]);
  },
);

test.each([
  ['tfjs', undefined, 'an encoder of your own, which is an ONNX graph of any operators'],
  ['keras', { ref: 'all@2' }, 'the backbone model:all@2, of which a job has the ONNX graph without its layers'],
] as const)("refuses %s of a model on a user's own graph, and writes nothing: %j", async (format, version, received) => {
  const own = { sha256: '0'.repeat(64), ...(version && { version }) };
  const spec = JobSpec.parse({ name: 'scored', dataset: 'scored', backbone: { name: 'own', own } });
  const { folder, run } = await system({ spec });
  await expect(run('scored', format)).rejects.toMatchObject({ code: 'EXPORT_FORMAT_INCOMPATIBLE', received });
  expect(readdirSync(join(folder, '..'))).toEqual([]);
  expect(await run('scored', 'onnx')).toBe(0);
});

test('NOTICE of a model on a published version names the pretrained network of that version', async () => {
  const own = { sha256: '0'.repeat(64), version: { ref: 'all@2', backbone: 'efficientnet_lite0' } };
  const spec = JobSpec.parse({ name: 'scored', dataset: 'scored', backbone: { name: 'own', own } });
  const { folder, run } = await system({ spec });
  expect(await run('scored')).toBe(0);
  expect(readFileSync(join(folder, 'NOTICE'), 'utf8')).toContain('network efficientnet_lite0, by way of the model all@2');
});

test('writes a backbone with its ImageNet top, with the licence of the catalogue', async () => {
  const { folder, run } = await system();
  expect(await run('imagenet.vgg16')).toBe(0);
  const notice = readFileSync(join(folder, 'NOTICE'), 'utf8');
  expect(notice).toContain('CC-BY-4.0');
  expect(notice).not.toContain('trained on your images');
});

test('refuses a folder with files before it reads the model', async () => {
  const { folder, run } = await system();
  await run('scored');
  writeFileSync(join(folder, 'mine.txt'), 'mine');
  const before = readdirSync(folder);
  await expect(run('no-such-model')).rejects.toMatchObject({ code: 'FOLDER_NOT_EMPTY' });
  expect(readdirSync(folder)).toEqual(before);
});

test.each([
  ['deleted before its files are read', 'MODEL_PACKAGE_MISSING', 'delete'],
  ['damaged', 'MODEL_PACKAGE_DAMAGED', 'damage'],
])('writes nothing of a package that is %s', async (_, code, how) => {
  const { store, prefix, folder, run } = await system();
  if (how === 'delete') await store.delete(`${prefix}model.onnx`);
  else await store.put(`${prefix}model.onnx`, classifier(2));
  await expect(run('scored')).rejects.toMatchObject({ code });
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

test('writes nothing of a version that is deleted between two of its files', async () => {
  const { store, prefix, folder, context, run } = await system();
  const { client } = context;
  const fetchFile: typeof client.fetchFile = async (file) => {
    const bytes = await client.fetchFile(file);
    await store.delete(`${prefix}model.onnx`);
    return bytes;
  };
  Object.assign(context, { client: { ...client, fetchFile } });
  await expect(run('scored')).rejects.toMatchObject({ httpStatus: 404 });
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

/** The model `colours` in a system whose store is on this machine. */
async function colours() {
  const { api, world } = apiSystem();
  const { onnx } = await publishColours(world);
  const results: unknown[] = [];
  const progress: string[] = [];
  const output = {
    result: (value: unknown) => results.push(value),
    progress: (text: string) => progress.push(text),
    endProgress() {},
  } as unknown as Output;
  const context = { client: createClient(api), store: world.store } as unknown as Context;
  const folder = join(scratchFolder(), 'out');
  const run = (ref: string, options: Omit<ExportOptions, 'to'> & { to?: ExportFormat }, inside = context) =>
    exportTo(ref, folder, { to: 'onnx', ...options }, inside, output);
  return { onnx, folder, results, progress, run };
}

test.each(['int8', 'float16'] as const)('writes %s with the comparison on the test images in the card', async (precision) => {
  const { onnx, folder, results, run } = await colours();
  expect(await run('colours', { precision, maxLoss: 0.01 })).toBe(0);
  const written = readFileSync(join(folder, 'model.onnx'));
  const card = JSON.parse(readFileSync(join(folder, 'card.json'), 'utf8'));
  expect(card.modelDigest).toBe(`sha256-${digestOf(written)}`);
  expect(digestOf(written)).not.toBe(digestOf(onnx));
  const check = {
    precision,
    metric: 'accuracy',
    before: 1,
    after: 1,
    loss: 0,
    maxLoss: 0.01,
    images: 8,
    sameLabel: 1,
    size: written.length,
  };
  expect(card.precision).toMatchObject(check);
  expect(card.precision.layers).toBe(precision === 'int8' ? 1 : undefined);
  expect(results).toMatchObject([{ precision: check }]);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(
    `- Precision: ${precision}. On 8 test images, accuracy is 100.0%`,
  );
});

// All layers together are good enough in int8, so none is tried alone.
test.each(['int8', 'float16'] as const)('shows the progress of %s: the test images', async (precision) => {
  const { progress, run } = await colours();
  expect(await run('colours', { precision, maxLoss: 0.01 })).toBe(0);
  const shown = progress.flatMap((text) => /, step (.*)/.exec(text)?.[1] ?? []);
  expect(shown).toEqual(Array.from({ length: 8 }, (_, i) => `${i + 1} of 8`));
});

test.each([
  [
    { floatLayers: ['Conv_2'], floatOperators: ['Mul', 'Sigmoid'] },
    ['layers in float: Conv_2', 'operators in float between int8 layers: Mul, Sigmoid'],
  ],
  [{ floatLayers: [], floatOperators: [] }, []],
])('says what stays in float: %j', (float, lines) => {
  const check = { metric: 'accuracy', before: 1, after: 1, loss: 0, interval: { low: 0, high: 0 } } as const;
  const described = describeCheck({
    precision: 'int8',
    ...check,
    maxLoss: 0,
    images: 8,
    sameLabel: 1,
    size: 9,
    layers: 1,
    ...float,
  });
  expect(described.split('\n').slice(2)).toEqual(lines);
});

test('a page names the precision', async () => {
  const { folder, run } = await colours();
  expect(await run('colours', { to: 'web', precision: 'float16', maxLoss: 0.01 })).toBe(0);
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('2 labels, in float16, on');
});

test.each([
  ['int8', /precision float16/],
  ['float16', /precision float32/],
] as const)('refuses a loss of %s above the limit, and writes nothing', async (precision, fix) => {
  const { folder, run } = await colours();
  // No loss at all is above it.
  const refused = run('colours', { precision, maxLoss: -0.01 });
  await expect(refused).rejects.toMatchObject({
    code: 'EXPORT_PRECISION_LOSS',
    received: expect.stringMatching(/^0\.0 points less on 8 test images \([^()]*\)$/),
    fix: expect.stringMatching(fix),
  });
  expect(readdirSync(join(folder, '..'))).toEqual([]);
});

test('compares nothing without test images', async () => {
  const { run } = await colours();
  const { context } = await system();
  const pretrained = run('imagenet.vgg16', { precision: 'float16', maxLoss: 0 }, context);
  await expect(pretrained).rejects.toMatchObject({ code: 'EXPORT_PRECISION_UNAVAILABLE' });
});
