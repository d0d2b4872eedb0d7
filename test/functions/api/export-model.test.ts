import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { expect, test } from 'vitest';
import { runJob } from '../../../functions/train/run-job.ts';
import { createClient } from '../../../lib/client/client.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { imagenetPrefix, readServedCard, writeServedModel } from '../../../lib/models/model-package.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { publishColours } from '../../support/published-colours.ts';

/** A system with `colours` and `imagenet.vgg16`, and a worker. */
async function system() {
  const { api, world, compute } = apiSystem();
  const { onnx, prefix } = await publishColours(world);
  const card = await readServedCard(world.store, prefix);
  if (card !== undefined) await writeServedModel(world.store, imagenetPrefix('vgg16'), card, onnx);
  const work = async (id: string) => {
    const attempt = await dispatchJob(id, compute, world);
    if (attempt === undefined) throw new Error('it was not started');
    return workOnJob({ job: id, attempt }, runJob, world, new AbortController().signal);
  };
  return { api, world, onnx, prefix, client: createClient(api), work };
}

test.each([
  ['colours', { format: 'onnx' }, ['README.md', 'card.json', 'model.onnx']],
  ['colours@1', { format: 'npm', precision: 'float16' }, ['index.js', 'model.onnx', 'package.json']],
  ['colours:latest', { format: 'web', precision: 'int8', maxLoss: 0.02 }, ['index.html', 'model.onnx', 'onnxruntime.wasm']],
  ['colours', { format: 'html' }, ['index.html']],
  ['imagenet.vgg16', { format: 'onnx' }, ['model.onnx']],
] as const)('%s as %j is an archive of the files that graft export writes', async (ref, body, names) => {
  const { client, work } = await system();
  const submitted = await client.models.export(ref, body);
  expect(submitted).toMatchObject({ kind: 'export', state: 'SUBMITTED', spec: { version: 1, precision: 'float32', ...body } });
  expect((await client.jobs.files(submitted.id)).files).toEqual([]);
  await work(submitted.id);
  const job = await client.jobs.get(submitted.id);
  expect(job, JSON.stringify(job)).toMatchObject({ state: 'SUCCEEDED' });
  const result = job.kind === 'export' ? job.result : undefined;
  expect(result?.files.map(({ name }) => name)).toEqual(expect.arrayContaining([...names, 'NOTICE', 'LICENSE-Apache-2.0']));
  expect(result?.precision?.precision).toBe('precision' in body ? body.precision : undefined);
  const { files } = await client.jobs.files(job.id);
  expect(files.map(({ name }) => name)).toEqual([result?.archive]);
  const [archive] = files;
  const unpacked = await unzip(archive === undefined ? new Uint8Array() : await client.fetchFile(archive));
  expect(unpacked).toEqual(result?.files);
});

async function unzip(bytes: Uint8Array) {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false, checkSignature: true });
  const files: { name: string; size: number }[] = [];
  for (const entry of await zip.getEntries())
    if (!entry.directory) files.push({ name: entry.filename, size: (await entry.getData(new Uint8ArrayWriter())).length });
  return files;
}

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
  const { api } = await system();
  const response = await ask(api, `POST /v1/models/${encodeURIComponent(ref)}/exports`, body);
  expect(response).toMatchObject({ status, json: { code } });
  expect((await ask(api, 'GET /v1/jobs')).json.jobs).toEqual([]);
});

test("a model on a user's own encoder is refused as layers at once", async () => {
  const { api, world, prefix } = await system();
  const card = JSON.parse(new TextDecoder().decode((await world.store.get(`${prefix}card.json`))?.body));
  const spec = JobSpec.parse({ ...card.spec, backbone: { name: 'own', own: { sha256: '0'.repeat(64) } } });
  await world.store.put(`${prefix}card.json`, Buffer.from(JSON.stringify({ ...card, spec })));
  const refused = await ask(api, 'POST /v1/models/colours/exports', { format: 'tfjs' });
  expect(refused).toMatchObject({
    status: 422,
    json: { code: 'EXPORT_FORMAT_INCOMPATIBLE', fix: expect.stringContaining('onnx') },
  });
});

test('a data set whose images an export compares on cannot be deleted until it has ended', async () => {
  const { api, client, work } = await system();
  const { id } = await client.models.export('colours', { format: 'onnx', precision: 'int8' });
  expect(await ask(api, 'DELETE /v1/datasets/colours')).toMatchObject({ status: 409, json: { code: 'DATASET_IN_USE' } });
  await work(id);
  expect(await ask(api, 'DELETE /v1/datasets/colours')).toMatchObject({ status: 202 });
});

test.each([
  ['a version that is deleted meanwhile', 'MODEL_NOT_FOUND', 'delete'],
  ['a damaged package', 'MODEL_PACKAGE_DAMAGED', 'damage'],
])('%s fails the job, and leaves no archive', async (_, code, how) => {
  const { client, world, prefix, work } = await system();
  const { id } = await client.models.export('colours', { format: 'onnx' });
  if (how === 'delete') await client.models.delete('colours');
  else await world.store.put(`${prefix}model.onnx`, Buffer.from('other'));
  await work(id);
  expect(await client.jobs.get(id)).toMatchObject({ error: { code } });
  expect((await client.jobs.files(id)).files).toEqual([]);
});
