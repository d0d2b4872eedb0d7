/** Jobs of every kind from request to result, by the functions and the worker's own work, on a model that trains in seconds. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runJob } from '../../../functions/train/run-job.ts';
import { EvaluateJob } from '../../../lib/contracts/job.ts';
import { BatchLine, ImagePrediction } from '../../../lib/contracts/prediction.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { embeddedBucket } from '../../support/datasets/source-buckets.ts';
import { importStored, uploadSource } from '../../support/datasets/upload.ts';
import { trashPhotographs } from '../../support/graft.ts';

const never = new AbortController().signal;
const epochs = 3;
const tiny = {
  strategy: 'feature-extraction',
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
  training: { epochs, earlyStopping: null, refit: false },
};

test('a model is trained, measured, asked about a data set and about a folder; its story can be read on', async () => {
  const photos = embeddedBucket('photos');
  const { api, world, compute } = apiSystem({ buckets: photos.buckets });
  const { store, clock } = world;
  await importStored({ name: 'trash', files: await uploadSource(store, trashPhotographs) }, world);

  async function finish(id: string) {
    const attempt = await dispatchJob(id, compute, world);
    if (attempt === undefined) throw new Error('it was not started');
    await workOnJob({ job: id, attempt }, runJob, world, never);
    const { json } = await ask(api, `GET /v1/jobs/${id}`);
    expect(json.state, JSON.stringify(json.error)).toBe('SUCCEEDED');
    return json;
  }

  // Tells what it would take, and what exactly it would do.
  const estimate = await ask(api, 'POST /v1/estimates', { name: 'tiny', dataset: 'trash', ...tiny });
  expect(estimate.json).toMatchObject({
    target: 'local',
    seconds: expect.any(Number),
    spec: { task: 'single-label', strategy: 'feature-extraction', backbone: { inputSize: [32, 32] } },
  });

  // Trains, and tells what happened since a cursor.
  const { json: training, status } = await ask(api, 'POST /v1/jobs', { name: 'tiny', dataset: 'trash', ...tiny });
  expect(status, JSON.stringify(training)).toBe(202);
  expect(training.spec).toEqual(estimate.json.spec);
  const before = await ask(api, `GET /v1/jobs/${training.id}/events`);
  expect(before.json).toMatchObject({ events: [{ type: 'state', state: 'SUBMITTED', attempt: 0 }], ended: false });
  await clock.advance(1);
  expect(await finish(training.id)).toMatchObject({ attempt: 1, result: { model: 'tiny', version: 1 } });
  const after = await ask(api, `GET /v1/jobs/${training.id}/events?after=${before.json.next}`);
  const of = (type: string, member: string) =>
    after.json.events.flatMap((event: Record<string, unknown>) => (event.type === type ? [event[member]] : []));
  expect(of('state', 'state')).toEqual(['STARTING', 'RUNNING', 'SUCCEEDED']);
  expect(of('epoch', 'epoch')).toEqual([1, 2, 3]);
  expect(of('stage', 'stage')).toContain('train');
  expect(after.json.ended).toBe(true);
  expect((await ask(api, `GET /v1/jobs/${training.id}/events?after=${after.json.next}`)).json.events).toEqual([]);
  const paged: unknown[] = [];
  for (let next = '0.0.0', ended = false; !ended; ) {
    const { json } = await ask(api, `GET /v1/jobs/${training.id}/events?after=${next}&limit=2`);
    paged.push(...json.events);
    [next, ended] = [json.next, json.ended];
  }
  expect(paged).toHaveLength(1 + after.json.events.length);

  // A version has its card and its files.
  const version = await ask(api, 'GET /v1/models/tiny/versions/1');
  expect(version.json).toMatchObject({ job: training.id, card: { backbone: { name: 'mobilenet' } } });
  const { json: files } = await ask(api, 'GET /v1/models/tiny/versions/1/files');
  const card = files.files.find(({ name }: { name: string }) => name === 'card.json');
  expect((await ask(api, `GET ${card.request.url}`)).json).toEqual(version.json.card);

  // Measures it.
  const evaluation = await ask(api, 'POST /v1/models/tiny/evaluations', { dataset: 'trash' });
  expect(evaluation.status).toBe(202);
  const { result } = EvaluateJob.parse(await finish(evaluation.json.id));
  expect(result).toMatchObject({ model: 'tiny', version: 1, dataset: training.spec.dataset });
  expect(result?.metrics.loss).toBeGreaterThan(0);
  expect(result?.metrics.accuracy).toBeLessThanOrEqual(1);

  // Asks it about every image of the data set.
  const batch = await ask(api, 'POST /v1/models/tiny/batch-predictions', { dataset: 'trash', topK: 2 });
  expect((await finish(batch.json.id)).result).toMatchObject({ images: 60, failed: 0 });
  const lines = await linesOf(batch.json.id);
  expect(lines).toHaveLength(60);
  for (const line of lines) {
    expect(line).toMatchObject({ abstained: false });
    await expectAsPredicted(line, await readFile(join(trashPhotographs, line.image)), 2);
  }
  expect(new Set(lines.map((line) => JSON.stringify(line))).size, 'different images have different probabilities').toBe(60);

  // Asks it about a folder in which one file is no image.
  const [photograph = ''] = await readdir(join(trashPhotographs, 'metal'));
  const bytes = await readFile(join(trashPhotographs, 'metal', photograph));
  await store.put('inputs/june/a.jpg', bytes);
  await store.put('inputs/june/b.jpg', new TextEncoder().encode('no image'));
  await store.put('inputs/june/c.jpg', bytes);
  const folder = await ask(api, 'POST /v1/models/tiny/batch-predictions', { prefix: 'inputs/june/' });
  expect((await finish(folder.json.id)).result).toMatchObject({ images: 3, failed: 1 });
  const [first, second, third] = await linesOf(folder.json.id);
  expect([first?.image, third?.image]).toEqual(['a.jpg', 'c.jpg']);
  expect(second).toMatchObject({ image: 'b.jpg', error: { code: 'IMAGE_FORMAT_UNSUPPORTED' } });
  for (const line of [first, third]) await expectAsPredicted(line, bytes);

  // Asks it about images of another bucket, which stay there; the same under the store's own name.
  await photos.put('june/a.jpg', bytes);
  await photos.put('may/b.jpg', bytes);
  const elsewhere = await ask(api, 'POST /v1/models/tiny/batch-predictions', { prefix: 's3://photos/june/' });
  expect((await finish(elsewhere.json.id)).result).toMatchObject({ images: 1, failed: 0 });
  const [onlyLine, ...otherLines] = await linesOf(elsewhere.json.id);
  expect([onlyLine?.image, otherLines]).toEqual(['a.jpg', []]);
  await expectAsPredicted(onlyLine, bytes);
  const own = await ask(api, 'POST /v1/models/tiny/batch-predictions', { prefix: 's3://graft/inputs/june/a' });
  expect((await finish(own.json.id)).result).toMatchObject({ images: 1, failed: 0 });

  /** A line has the most probable labels of an image, as a request for this image alone gives them. */
  async function expectAsPredicted(line: BatchLine | undefined, image: Uint8Array, topK = 5): Promise<void> {
    const { json } = await ask(api, 'POST /v1/models/tiny/predict?topK=6', image);
    const { labels } = ImagePrediction.parse(json.predictions[0]);
    expect(labels).toHaveLength(6);
    const told = line !== undefined && 'labels' in line ? line.labels : [];
    expect(told).toHaveLength(topK);
    for (const [rank, { label, probability }] of told.entries()) {
      expect(probability, line?.image).toBeCloseTo(labels.find((one) => one.label === label)?.probability ?? Number.NaN, 6);
      expect(probability, line?.image).toBeCloseTo(labels[rank]?.probability ?? Number.NaN, 6);
    }
  }

  async function linesOf(id: string): Promise<BatchLine[]> {
    const { json } = await ask(api, `GET /v1/jobs/${id}/files`);
    const parts = await Promise.all(
      json.files.map(({ request }: { request: { url: string } }) => api({ method: 'GET', url: request.url, headers: {} })),
    );
    const text = parts.map(({ body }) => new TextDecoder().decode(body)).join('');
    return text
      .trimEnd()
      .split('\n')
      .map((line) => BatchLine.parse(JSON.parse(line)));
  }
});
