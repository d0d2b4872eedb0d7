import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import { uploadSource } from '../../../cli/commands/upload.ts';
import type { Context } from '../../../cli/context.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { readResponseAs } from '../../../lib/client/response.ts';
import { FileList } from '../../../lib/contracts/file-link.ts';
import { AliasRecord } from '../../../lib/contracts/model-http.ts';
import { root } from '../docs/pages.ts';
import { trashPhotographs } from '../graft.ts';
import { silent } from '../silent.ts';
import { askByJobs, askOnce, prepareImagenetModel } from './ask-every-way.ts';
import type { Deployed } from './deployed.ts';
import { trainEveryWay } from './train-every-way.ts';

/** Photographs of a class that the source bucket gets: enough for every split. */
const PLACED_PER_CLASS = 8;

/** Uses a deployment in each of its documented ways, one after the other; documented-ways.ts says which those are. */
export async function callEveryRoute(deployed: Deployed): Promise<void> {
  const client = createClient(deployed.send);
  await describeItself(client, deployed);
  const digest = await bringDatasets(client, deployed);
  await trainEveryWay(client, deployed, digest);
  await manageModels(client, deployed);
  await prepareImagenetModel(deployed);
  const photograph = await firstPhotograph();
  await askOnce(client, deployed, photograph);
  await keepPredictions(client, photograph);
  await setRetention(client);
  await askByJobs(client, deployed, { photograph, digest });
  await deleteAll(client, digest);
}

async function describeItself(client: Client, { send }: Deployed): Promise<void> {
  await client.health();
  await client.openapi();
  await client.backbones.list();
  for (const url of ['/docs', '/docs/start.js', '/docs/swagger-ui-bundle.js', '/docs/swagger-ui.css'])
    await send({ method: 'GET', url, headers: {} });
}

/** `trash` is sent, `placed` and `spare` stay in the source bucket. @returns the digest of `trash` */
async function bringDatasets(client: Client, { send, sourceBucket, putSource }: Deployed): Promise<string> {
  const context: Context = { client, wakeWorker: () => {}, store: undefined, locate: (key) => key, close: async () => {} };
  const { digest, ...report } = await uploadSource(trashPhotographs, { name: 'trash', maxRefused: 0 }, context, silent);
  expect(report).toMatchObject({ accepted: 60, refused: [] });
  const sample = join(root, 'assets/sample-trashnet');
  for (const label of await readdir(sample))
    for (const file of (await readdir(join(sample, label))).slice(0, PLACED_PER_CLASS))
      await putSource(`placed/${label}/${file}`, await readFile(join(sample, label, file)));
  for (const name of ['placed', 'spare']) await uploadSource(`s3://${sourceBucket}/placed`, { name }, context, silent);
  const { next } = await client.datasets.list({ limit: 1 });
  await client.datasets.list({ after: next });
  for (const ref of ['trash', 'trash:latest', `trash@${digest}`]) {
    await client.datasets.get(ref);
    const { images, next: last } = await client.datasets.images(ref, { limit: 1, label: 'metal' });
    for (const { request } of images) if (request !== undefined) await client.fetchFile({ request });
    await client.datasets.images(ref, { after: last });
    const paths = images.map(({ path }) => path);
    expect((await client.datasets.labels(ref, paths)).images).toEqual([{ path: paths[0], labels: ['metal'] }]);
    expect((await client.datasets.labels(ref, paths, { after: paths[0] })).images).toEqual([]);
    const files = await send({ method: 'GET', url: `/v1/datasets/${encodeURIComponent(ref)}/files`, headers: {} });
    for (const file of readResponseAs(FileList, files).files) await client.fetchFile(file);
  }
  await client.datasets.images('spare', { unlabelled: false });
  await client.datasets.images('spare', { rows: [0] });
  await setLabels(client);
  await client.datasets.versions('trash', { limit: 1, after: digest });
  await failAnImport(client);
  return digest;
}

/** Takes labels of images away, and gives them back. */
async function setLabels(client: Client): Promise<void> {
  const { images } = await client.datasets.images('spare', { limit: 1 });
  const { digest: base } = await client.datasets.get('spare');
  const [first] = images;
  if (first === undefined) throw new Error('no images');
  const taken = await client.datasets.setLabels('spare', { base, labels: [{ image: first.path, labels: null }] });
  expect(taken).toMatchObject({ changed: 1, unlabelled: 1 });
  expect((await client.datasets.labels('spare', [first.path])).images).toEqual([{ path: first.path, labels: null }]);
  const given = [{ image: first.sha256, labels: first.labels, source: 'suggestion' as const, confirmed: true }];
  expect(await client.datasets.setLabels('spare', { labels: given })).toMatchObject({ unlabelled: 0 });
}

/** An upload whose only file is no image, beside files that are not sent. */
async function failAnImport(client: Client): Promise<void> {
  const bytes = new TextEncoder().encode('no image');
  const { id } = await client.datasets.createUpload({ name: 'refused', maxRefused: 0 });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { uploads } = await client.datasets.addFiles(id, [{ path: 'cat/1.jpg', size: bytes.length, sha256 }]);
  for (const upload of uploads) await client.datasets.sendFile(upload, bytes);
  const refused = [{ path: 'cat/2.jpg', code: 'LINK_NOT_FOLLOWED', message: 'A link.' }];
  await client.datasets.complete(id, { parts: 1, files: 1, refused, omitted: 1 });
  while ((await client.datasets.getUpload(id)).state === 'IMPORTING') await wait(500);
  expect(await client.datasets.refused(id)).toMatchObject([{ path: 'cat/1.jpg' }, ...refused]);
}

async function manageModels(client: Client, { send }: Deployed): Promise<void> {
  const { next } = await client.models.list({ limit: 1 });
  await client.models.list({ after: next });
  await client.models.get('trash');
  const { next: older } = await client.models.versions('trash', { limit: 1 });
  await client.models.versions('trash', { after: `${older}` });
  await client.models.version('trash', 1);
  await client.models.report('trash', 1);
  await client.models.reportPage('trash', 1);
  for (const file of (await client.models.files('trash', 1)).files) await client.fetchFile(file);
  await client.models.setAlias('trash', 'prod', { version: 1, expected: null });
  const url = '/v1/models/trash/aliases/prod';
  const { headers: { etag = '' } = {} } = await send({ method: 'GET', url, headers: {} });
  const headers = { 'content-type': 'application/json', 'if-match': etag };
  const moved = await send({ method: 'PUT', url, headers, body: new TextEncoder().encode('{"version": 2}') });
  expect(readResponseAs(AliasRecord, moved)).toMatchObject({ version: 2, previous: [1] });
  await client.models.getAlias('trash', 'prod');
  expect(await client.models.rollback('trash', 'prod', { version: 1, expected: 2 })).toMatchObject({ version: 1 });
  expect(await client.models.diff('trash@1', 'trash@2')).toMatchObject({ before: { version: 1 }, after: { version: 2 } });
  await client.models.setGate('trash', 'prod', { rules: [{ metric: 'accuracy', min: 1 }] });
  await client.models.getGate('trash', 'prod');
  const force = { by: 'a test', reason: 'to see that it passes' };
  await client.models.setAlias('trash', 'prod', { version: 2, force });
  await client.models.deleteGate('trash', 'prod');
  await client.models.rollback('trash', 'prod');
}

/** Predictions of a request. */
const IMAGES_AT_ONCE = 32;
/** What a comparison needs. */
const FEWEST_KEPT = 50;

async function keepPredictions(client: Client, photograph: Uint8Array): Promise<void> {
  await client.models.setKeeping('trash', { share: 1, perDay: 10_000, images: true, days: 2 });
  expect((await client.models.getKeeping('trash')).keeping).toMatchObject({ share: 1 });
  const images = Array.from({ length: IMAGES_AT_ONCE }, (_, i) => ({ name: `${i}`, bytes: photograph }));
  // One is the latest version, the other that of the alias.
  for (const ref of ['trash', 'trash@1']) {
    for (let kept = 0; kept < FEWEST_KEPT; ) {
      await client.models.predict(ref, images, { topK: 1 });
      kept = (await client.models.keptPredictions(ref, { days: 1, limit: 1000 })).predictions.length;
    }
    await client.models.drift(ref, { days: 2 });
  }
  await client.models.drift('trash:prod');
  await listEvaluated(client);
  const { next, predictions } = await client.models.keptPredictions('trash:prod', { images: true, limit: 2 });
  for (const { image } of predictions) if (image !== undefined) await client.fetchFile(image);
  await client.models.keptPredictions('trash@1', { unknown: true, unsure: true, after: next });
  await client.models.endKeeping('trash');
}

async function listEvaluated(client: Client): Promise<void> {
  for (const ref of ['trash', 'trash@1', 'trash:prod']) {
    const { images, count } = await client.models.evaluatedImages(ref, { order: 'worst', limit: 200 });
    const [first] = images;
    const [label] = first?.labels ?? [];
    const predicted = first?.predicted[0]?.label;
    const right = first?.isRight;
    const some = await client.models.evaluatedImages(ref, { label, predicted, right, of: label, from: 0, below: 1.0, after: 0 });
    expect(some.count).toBeLessThanOrEqual(count);
    const rows = first && [first.row];
    expect((await client.models.evaluatedImages(ref, { rows })).images.map(({ row }) => row)).toEqual(rows);
  }
}

async function setRetention(client: Client): Promise<void> {
  expect(await client.models.setRetention('trash', { newest: 1, days: 365 })).toMatchObject({ expired: [] });
  const inUse = [{ version: 1, uses: [{ kind: 'alias', by: 'prod' }] }];
  expect(await client.models.getRetention('trash', { newest: 1, days: 0 })).toMatchObject({ inUse });
  expect(await client.models.endRetention('trash')).toMatchObject({ retention: null });
}

async function deleteAll(client: Client, digest: string): Promise<void> {
  await client.models.deleteAlias('trash', 'prod');
  await client.models.deleteVersion('trash', 1);
  await client.models.delete('trash');
  for (const ref of [`trash@${digest}`, 'placed', 'spare:latest']) await client.datasets.delete(ref);
}

async function firstPhotograph(): Promise<Uint8Array> {
  const [name = ''] = await readdir(join(trashPhotographs, 'metal'));
  return readFile(join(trashPhotographs, 'metal', name));
}
