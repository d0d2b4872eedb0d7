import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { ModelCard } from '../../../lib/contracts/model-card.ts';
import { ask } from '../../support/api.ts';
import { predictWithTfjs } from '../../support/browser/predict-with-tfjs.ts';
import { fixturePath } from '../../support/fixtures.ts';
import { graftPredictions, largestDifference } from '../../support/models/exported-model.ts';
import { exportingSystem } from '../../support/models/exporting-system.ts';
import { rewriteCard } from '../../support/models/rewrite-card.ts';

test.each([
  ['colours', { format: 'onnx' }, ['README.md', 'card.json', 'model.onnx']],
  ['colours@1', { format: 'npm', precision: 'float16' }, ['index.js', 'model.onnx', 'package.json']],
  ['colours:latest', { format: 'web', precision: 'int8', maxLoss: 0.02 }, ['index.html', 'model.onnx', 'onnxruntime.wasm']],
  ['colours', { format: 'html' }, ['index.html']],
  ['imagenet.vgg16', { format: 'onnx' }, ['model.onnx']],
  ['colours', { format: 'tfjs' }, ['README.md', 'model.json', 'predict.mjs']],
  ['colours', { format: 'keras' }, ['README.md', 'model.keras', 'predict.py']],
] as const)('%s as %j is an archive of the files that graft export writes', async (ref, body, names) => {
  const { exportAndUnpack } = await exportingSystem();
  const { submitted, job, archives, files } = await exportAndUnpack(ref, body);
  const spec = { version: 1, precision: 'float32', ...body };
  expect(submitted).toMatchObject({ kind: 'export', state: 'SUBMITTED', spec });
  expect(job, JSON.stringify(job)).toMatchObject({ state: 'SUCCEEDED' });
  const result = job.kind === 'export' ? job.result : undefined;
  expect(result?.files.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, 'NOTICE', 'LICENSE-Apache-2.0']));
  expect(result?.precision?.precision).toBe('precision' in body ? body.precision : undefined);
  expect(archives).toEqual([result?.archive]);
  expect(files.map(({ name, content }) => ({ name, size: content.length }))).toEqual(result?.files);
});

test('a LayersModel that the API exports predicts in TF.js as Graft does', async () => {
  const { exportAndUnpack, readModel } = await exportingSystem();
  const { files } = await exportAndUnpack('colours', { format: 'tfjs' });
  const images = ['trash/glass/glass119.jpg', 'trash/metal/metal102.jpg', 'odd-images/exif-6.jpg'].map(fixturePath);
  const model = await readModel('colours');
  const predicted = await predictWithTfjs(files, images);
  expect(predicted).toHaveLength(images.length);
  for (const [index, labels] of predicted.entries())
    expect(largestDifference(labels, await graftPredictions(model, await readFile(images[index] ?? '')))).toBeLessThan(1e-4);
});

test.each([
  ['colours', { format: 'zip' }, 400, 'REQUEST_INVALID'],
  ['colours', { format: 'onnx', precision: 'int4' }, 400, 'REQUEST_INVALID'],
  ['colours', { format: 'onnx', maxLoss: 2 }, 400, 'REQUEST_INVALID'],
  ['colours', { format: 'onnx', folder: '/etc' }, 400, 'UNKNOWN_KEY'],
  ['colours', { format: 'keras', precision: 'int8' }, 422, 'EXPORT_PRECISION_UNAVAILABLE'],
  ['imagenet.vgg16', { format: 'onnx', precision: 'int8' }, 422, 'EXPORT_PRECISION_UNAVAILABLE'],
  ['colours@7', { format: 'onnx' }, 404, 'MODEL_VERSION_NOT_FOUND'],
  ['nobody', { format: 'onnx' }, 404, 'MODEL_NOT_FOUND'],
])('%s as %j is refused at once', async (ref, body, status, code) => {
  const { api } = await exportingSystem();
  const response = await ask(api, `POST /v1/models/${encodeURIComponent(ref)}/exports`, body);
  expect(response).toMatchObject({ status, json: { code } });
  expect((await ask(api, 'GET /v1/jobs')).json.jobs).toEqual([]);
});

test("a model on a user's own encoder is refused as layers at once", async () => {
  const { api, world } = await exportingSystem();
  await rewriteCard(world.store, 'colours', (card: ModelCard) => {
    const spec = JobSpec.parse({ ...card.spec, backbone: { name: 'own', own: { sha256: '0'.repeat(64) } } });
    return { ...card, spec };
  });
  const refused = await ask(api, 'POST /v1/models/colours/exports', { format: 'tfjs' });
  expect(refused).toMatchObject({
    status: 422,
    json: { code: 'EXPORT_FORMAT_INCOMPATIBLE', fix: expect.stringContaining('onnx') },
  });
});

test.each([
  [{ format: 'tfjs' }, 'EXPORT_FORMAT_INCOMPATIBLE'],
  [{ format: 'keras' }, 'EXPORT_FORMAT_INCOMPATIBLE'],
  [{ format: 'onnx', precision: 'int8' }, 'EXPORT_PRECISION_UNAVAILABLE'],
  [{ format: 'web', precision: 'float16' }, 'EXPORT_PRECISION_UNAVAILABLE'],
])('a model with its backbone in int8 is refused as %j at once', async (body, code) => {
  const { api, world } = await exportingSystem();
  await rewriteCard(world.store, 'colours', (card: ModelCard) => ({
    ...card,
    backbone: { ...card.backbone, precision: 'int8' },
  }));
  const response = await ask(api, 'POST /v1/models/colours/exports', body);
  expect(response).toMatchObject({ status: 422, json: { code, received: expect.stringContaining('int8') } });
  expect((await ask(api, 'POST /v1/models/colours/exports', { format: 'onnx' })).status).toBe(202);
});

test('an export that waits has no file', async () => {
  const { client } = await exportingSystem();
  const { id } = await client.models.export('colours', { format: 'onnx' });
  expect((await client.jobs.files(id)).files).toEqual([]);
});

test('a data set whose images an export compares on cannot be deleted until it has ended', async () => {
  const { api, client, work } = await exportingSystem();
  const { id } = await client.models.export('colours', { format: 'onnx', precision: 'int8' });
  expect(await ask(api, 'DELETE /v1/datasets/colours')).toMatchObject({ status: 409, json: { code: 'DATASET_IN_USE' } });
  await work(id);
  expect(await ask(api, 'DELETE /v1/datasets/colours')).toMatchObject({ status: 202 });
});

test.each([
  ['a version that is deleted meanwhile', 'MODEL_NOT_FOUND', 'delete'],
  ['a damaged package', 'MODEL_PACKAGE_DAMAGED', 'damage'],
])('%s fails the job, and leaves no archive', async (_, code, how) => {
  const { client, world, prefix, work } = await exportingSystem();
  const { id } = await client.models.export('colours', { format: 'onnx' });
  if (how === 'delete') await client.models.delete('colours');
  else await world.store.put(`${prefix}model.onnx`, Buffer.from('other'));
  await work(id);
  expect(await client.jobs.get(id)).toMatchObject({ error: { code } });
  expect((await client.jobs.files(id)).files).toEqual([]);
});
