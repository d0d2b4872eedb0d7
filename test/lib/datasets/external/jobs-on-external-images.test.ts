/** A model that trains in seconds, from images that lie in a bucket of the user's own and nowhere else. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runJob } from '../../../../functions/train/run-job.ts';
import { runImport } from '../../../../lib/datasets/run-import.ts';
import { dispatchJob } from '../../../../lib/jobs/dispatch-job.ts';
import { workOnJob } from '../../../../lib/jobs/work-on-job.ts';
import { apiSystem, ask } from '../../../support/api.ts';
import { embeddedBucket } from '../../../support/datasets/source-buckets.ts';
import { trashPhotographs } from '../../../support/graft.ts';

const never = new AbortController().signal;
const tiny = {
  backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' },
  training: { epochs: 2, earlyStopping: null, refit: false },
};

test('trains, measures, extracts and predicts on external images; a changed object fails a job, and in a batch its own line', async () => {
  const bucket = embeddedBucket('photographs');
  const { api, world: own, compute } = apiSystem({ buckets: bucket.buckets });
  const world = { ...own, buckets: bucket.buckets };
  const paths = (await readdir(trashPhotographs, { recursive: true })).filter((path) => path.endsWith('.jpg')).sort();
  for (const path of paths) await bucket.put(`trash/${path}`, await readFile(join(trashPhotographs, path)));

  const upload = await ask(api, 'POST /v1/datasets', { name: 'trash', source: 's3://photographs/trash' });
  expect(upload).toMatchObject({ status: 201, json: { state: 'IMPORTING', source: 's3://photographs/trash' } });
  expect(await world.queues.imports.receive({ max: 1, visibilitySeconds: 9 })).toMatchObject([
    { message: { type: 'import', upload: upload.json.id } },
  ]);
  expect(await runImport(upload.json.id, world)).toMatchObject({ state: 'READY', report: { accepted: paths.length } });

  const finish = async (id: string) => {
    const attempt = (await dispatchJob(id, compute, world)) ?? expect.fail('it was not started');
    await workOnJob({ job: id, attempt }, runJob, world, never);
    return (await ask(api, `GET /v1/jobs/${id}`)).json;
  };
  const submit = async (route: `POST ${string}`, body: unknown) => finish((await ask(api, route, body)).json.id);
  const trained = await submit('POST /v1/jobs', { name: 'tiny', dataset: 'trash', ...tiny });
  expect(trained, JSON.stringify(trained.error)).toMatchObject({
    state: 'SUCCEEDED',
    result: { features: { decoded: paths.length } },
  });
  expect(await submit('POST /v1/models/tiny/evaluations', { dataset: 'trash' })).toMatchObject({ state: 'SUCCEEDED' });
  expect((await world.store.list('blobs/')).objects).toEqual([]);

  const [first = '', second = ''] = paths;
  await bucket.put(`trash/${first}`, await readFile(join(trashPhotographs, second)));
  const batch = await submit('POST /v1/models/tiny/batch-predictions', { dataset: 'trash' });
  expect(batch.result).toMatchObject({ images: paths.length, failed: 1 });
  const part = await world.store.get((await world.store.list(batch.result.output)).objects[0]!.key);
  const [line = ''] = new TextDecoder().decode(part?.body).split('\n');
  expect(JSON.parse(line)).toMatchObject({ image: first, error: { code: 'IMAGE_CHANGED' } });
  const measured = await submit('POST /v1/models/tiny/evaluations', { dataset: 'trash' });
  expect(measured).toMatchObject({ state: 'FAILED', error: { code: 'IMAGE_CHANGED', at: `s3://photographs/trash/${first}` } });
});

test('a bucket that the deployment does not allow is refused by the API, and nothing is begun', async () => {
  const { api, world } = apiSystem();
  const answer = await ask(api, 'POST /v1/datasets', { name: 'trash', source: 's3://photographs/trash' });
  expect(answer).toMatchObject({ status: 403, json: { code: 'BUCKET_NOT_ALLOWED' } });
  expect((await world.store.list('uploads/')).objects).toEqual([]);
  const wrong = await ask(api, 'POST /v1/datasets', { name: 'trash', source: 'https://photographs/trash' });
  expect(wrong).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID', at: 'source' } });
});
