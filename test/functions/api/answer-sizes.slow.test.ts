/** No answer outgrows what Lambda returns, however large the data is: for each that grows with it, the large case. */
import { beforeAll, describe, expect, test } from 'vitest';
import { lambdaResult } from '../../../functions/api/response.ts';
import { createClient } from '../../../lib/client/client.ts';
import type { DatasetReport, DatasetVersion, UploadRecord } from '../../../lib/contracts/dataset.ts';
import type { AnyJob, EvaluateJob, JobRecord } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import type { Metrics } from '../../../lib/contracts/metrics.ts';
import type { ModelRecord } from '../../../lib/contracts/model-record.ts';
import type { Trial } from '../../../lib/contracts/search-spec.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { completeUpload, createUpload } from '../../../lib/datasets/uploads/upload.ts';
import { writeReport } from '../../../lib/datasets/versions/report-store.ts';
import { outputPrefix } from '../../../lib/inference/output-prefix.ts';
import { writeServedModel } from '../../../lib/models/served-package.ts';
import type { ObjectStore } from '../../../lib/ports.ts';
import { apiSystem, ask, importTwo, picture, publishConstant } from '../../support/api.ts';
import { jobResult } from '../../support/job-result.ts';

/** Of an answer as a Lambda function returns it, its body a string in JSON. */
const LAMBDA_BYTES = 6 * 2 ** 20;
const CLASSES = 15_000;
const REFUSED = 40_000;
const time = '2030-01-01T00:00:00.000Z';
const digest = (number: number) => `sha256-${`${number}`.padStart(64, '0')}`;
const jobId = (number: number) => `job-zzzzzzzzz-${`${number}`.padStart(10, '0')}`;
const uploadId = 'upload-zzzzzzzzz-0000000000';

const times = <Item>(count: number, make: (index: number) => Item) => Array.from({ length: count }, (_, index) => make(index));
/** Quotes and control characters are the longest in JSON in JSON. */
const label = (index: number) => `the "class"\u0001 ${index}`;

const metrics: Metrics = {
  loss: 1,
  negativeLogLikelihood: 1,
  perClass: times(CLASSES, (index) => ({
    label: label(index),
    precision: 1 / 3,
    recall: 1 / 3,
    f1: 1 / 3,
    support: 10,
    auc: 1 / 3,
  })),
};
const trials: Trial[] = times(256, (index) => ({
  trial: index + 1,
  rung: 1,
  rungs: 1,
  share: 1,
  seconds: 1,
  values: { 'training.classWeights': Object.fromEntries(times(300, (number) => [label(number), 1])) },
}));
const spec = JobSpec.parse({
  name: 'large',
  dataset: `large@${digest(1)}`,
  training: { classWeights: Object.fromEntries(times(5_000, (index) => [label(index), 1.5])) },
});
const life = { state: 'SUCCEEDED' as const, createdAt: time, updatedAt: time, attempt: 1 };
const result = { ...jobResult, metrics: { validation: metrics, test: metrics }, search: { trials, best: 256 } };
const training = (number: number): JobRecord => ({ ...life, id: jobId(number), spec, result });
/** As large as an answer has one. */
const cutTraining = (number: number): JobRecord => {
  const half = { ...metrics, perClass: metrics.perClass.slice(0, 2_500) };
  return {
    ...training(number),
    result: { ...result, metrics: { validation: half, test: half }, search: { trials: trials.slice(0, 60), best: 1 } },
  };
};
const evaluation: EvaluateJob = {
  ...life,
  id: jobId(900),
  kind: 'evaluate',
  spec: { name: 'large', version: 1, dataset: spec.dataset },
  result: { model: 'large', version: 1, dataset: spec.dataset, metrics },
};
const failed: AnyJob = {
  ...training(901),
  state: 'FAILED',
  error: { code: 'LABELS_UNKNOWN', message: 'x'.repeat(1e6), received: times(200_000, label) },
};
const report: DatasetReport = {
  dataset: 'large',
  digest: digest(1),
  task: 'single-label',
  classes: times(50_000, (index) => ({ label: label(index), images: 10 })),
  accepted: 1_000_000,
  refused: times(REFUSED, (index) => ({
    path: `${'folder/'.repeat(20)}${index}.jpg`,
    code: 'IMAGE_TRUNCATED',
    message: 'Image truncated.',
  })),
  duplicates: [
    { paths: times(50_000, (index) => `one/${index}.jpg`), kind: 'same-class' },
    ...times(50_000, (index) => ({ paths: [`a/${index}.jpg`, `b/${index}.jpg`], kind: 'near-same-class' as const })),
  ],
  sizes: { width: { smallest: 1, median: 1, largest: 1 }, height: { smallest: 1, median: 1, largest: 1 } },
  warnings: times(5_000, (index) => ({ code: 'LABELS_SIMILAR', message: `Labels ${label(index)} differ only by case.` })),
};
const upload: UploadRecord = {
  id: uploadId,
  name: 'large',
  state: 'READY',
  maxRefused: 1,
  createdAt: time,
  updatedAt: time,
  parts: 1,
  files: 1,
  report,
};
const failedUpload = (id: string): UploadRecord => ({
  ...upload,
  id,
  state: 'FAILED',
  report: undefined,
  error: { code: 'TOO_MANY_REFUSED', message: 'Too many', received: report.refused },
});
const datasetVersions: DatasetVersion[] = times(3_000, (index) => ({ digest: digest(index), createdAt: time, images: 10 }));
const model: ModelRecord = {
  name: 'large',
  versions: times(20_000, (index) => ({
    version: index + 1,
    job: jobId(index),
    package: `models/large/${jobId(index)}-1/`,
    createdAt: time,
    backbone: 'efficientnet_lite0',
    dataset: `large@${digest(1)}`,
  })),
  aliases: { latest: 20_000, ...Object.fromEntries(times(999, (index) => [`alias-${index}`, index + 1])) },
  previous: Object.fromEntries(times(999, (index) => [`alias-${index}`, times(20, () => 12_345)])),
};

async function putJson(store: ObjectStore, key: string, value: unknown): Promise<void> {
  await store.put(key, new TextEncoder().encode(JSON.stringify(value)));
}

/** Records as an earlier version may have written them, with nothing cut. */
function largeSystem() {
  const system = apiSystem();
  const { store } = system.world;
  return { ...system, store };
}

async function answered(
  api: ReturnType<typeof apiSystem>['api'],
  route: `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${string}`,
  body?: unknown,
) {
  const answer = await ask(api, route, body);
  const returned = lambdaResult({ status: answer.status, headers: answer.headers, body: JSON.stringify(answer.json) });
  expect(Buffer.byteLength(JSON.stringify(returned)), route).toBeLessThan(LAMBDA_BYTES);
  return answer;
}

describe('a data set', () => {
  test(
    'with 40,000 refused files, 50,000 classes and duplicates: the first of each, their counts, and a link to the ' + 'whole',
    async () => {
      const { api, store } = largeSystem();
      await putJson(store, 'datasets/large.json', {
        name: 'large',
        versions: [{ digest: digest(1), createdAt: time, images: 10 }],
      });
      await putJson(store, `uploads/${uploadId}.json`, upload);
      await writeReport(report, store);
      for (const [route, of] of [
        ['GET /v1/datasets/large', (json: DatasetReport) => json],
        [`GET /v1/datasets/${uploadId}`, (json: UploadRecord) => json.report],
      ] as const) {
        const { status, json } = await answered(api, route);
        expect(status).toBe(200);
        const told = of(json);
        expect(told?.counts).toEqual({ classes: 50_000, refused: REFUSED, duplicates: 50_001, duplicatePaths: 150_000 });
        expect(told?.refused).toHaveLength(1_000);
        expect(told?.classes.length).toBeGreaterThan(10_000);
        expect(told?.duplicates[0]?.paths).toHaveLength(20);
      }
      const whole = await createClient(api).datasets.report('large');
      expect(whole).toEqual(report);
      expect((await answered(api, `GET /v1/datasets/${uploadId}/files`)).json.files).toMatchObject([{ name: 'report.json' }]);
    },
  );

  test('whose upload failed for 40,000 files: the first of them, how many more, and a link to all', async () => {
    const { api, world } = largeSystem();
    const { store } = world;
    const { id } = await createUpload({ name: 'large', maxRefused: 0 }, world);
    const files = times(REFUSED, (index) => ({ path: `a/${index}.txt`, size: 0, sha256: '0'.repeat(64) }));
    for (let part = 0; part < 40; part++)
      await putJson(store, `upload-parts/${id}/${part}`, files.slice(part * 1_000, (part + 1) * 1_000));
    await completeUpload(id, { parts: 40, files: REFUSED }, world);
    await runImport(id, world);
    const { json } = await answered(api, `GET /v1/datasets/${id}`);
    expect(json).toMatchObject({ state: 'FAILED', error: { code: 'TOO_MANY_REFUSED', omitted: REFUSED - 1_000 } });
    expect(json.error.received).toHaveLength(1_000);
    expect(json.error.message).toContain(`${REFUSED}:`);
    expect(await createClient(api).datasets.refused(id)).toHaveLength(REFUSED);
  });

  test('whose upload failed under an earlier version, with all files in its record', async () => {
    const { api, store } = largeSystem();
    await putJson(store, `uploads/${uploadId}.json`, failedUpload(uploadId));
    const { json } = await answered(api, `GET /v1/datasets/${uploadId}`);
    expect(json.error).toMatchObject({ code: 'TOO_MANY_REFUSED', omitted: REFUSED - 1_000 });
  });

  test('with 3,000 versions, among 20 such: the newest, and pages of all', async () => {
    const { api, store } = largeSystem();
    for (let number = 0; number < 20; number++)
      await putJson(store, `datasets/d${number}.json`, { name: `d${number}`, versions: datasetVersions });
    const names: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const { json } = await answered(api, `GET /v1/datasets?limit=100${next && `&after=${next}`}`);
      for (const { name, versionCount, versions } of json.datasets) {
        names.push(name);
        expect([versionCount, versions.length]).toEqual([3_000, 1_000]);
        expect(versions.at(-1).digest).toBe(digest(2_999));
      }
      next = json.next;
    }
    expect(names).toHaveLength(20);
    const { json } = await answered(api, 'GET /v1/datasets/d0/versions?limit=1000');
    expect(json.versions).toHaveLength(1_000);
    const onward = await answered(api, `GET /v1/datasets/d0/versions?limit=2&after=${json.next}`);
    expect(onward.json.versions.map((one: DatasetVersion) => one.digest)).toEqual([digest(1_999), digest(1_998)]);
  });
});

describe('a job', () => {
  let system: ReturnType<typeof largeSystem>;
  beforeAll(() => {
    expect(JSON.stringify(training(0)).length).toBeGreaterThan(LAMBDA_BYTES);
  });

  test.each([
    ['a training on 15,000 classes with 256 trials', training(1)],
    ['an evaluation on 15,000 classes', evaluation],
    ['one that failed with 200,000 labels', failed],
  ])('%s is answered by its parts that fit', async (_, job) => {
    system = largeSystem();
    await putJson(system.store, `jobs/${job.id}.json`, job);
    expect((await answered(system.api, `GET /v1/jobs/${job.id}`)).status).toBe(200);
    expect((await answered(system.api, `POST /v1/jobs/${job.id}/cancel`)).status).toBe(200);
    const { json } = await answered(system.api, `GET /v1/jobs/${job.id}`);
    const shown = json.result?.metrics.test ?? json.result?.metrics;
    expect(shown?.classCount).toBe(CLASSES);
    expect(shown?.perClass.length).toBeGreaterThan(1_000);
    if (json.result?.search) expect(json.result.search.trials.at(-1).trial).toBe(256);
    if (job.state === 'FAILED') expect(json.error).toMatchObject({ omitted: 199_000 });
  });

  test('a page of large ones ends early, and the next goes on', async () => {
    const { api, store } = largeSystem();
    for (let number = 0; number < 12; number++) await putJson(store, `jobs/${jobId(number)}.json`, cutTraining(number));
    const ids: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const { json } = await answered(api, `GET /v1/jobs?limit=100${next && `&after=${next}`}`);
      ids.push(...json.jobs.map(({ id }: { id: string }) => id));
      next = json.next;
    }
    expect(ids).toEqual(times(12, jobId));
  });

  test('its events come in pages that fit', async () => {
    const { api, store } = largeSystem();
    await putJson(store, `jobs/${jobId(1)}.json`, training(1));
    const events = trials.slice(0, 200).map((trial) => ({ type: 'trial', time, attempt: 1, ...trial }));
    for (const segment of [0, 1, 2]) await putJson(store, `events/${jobId(1)}/0001-00000${segment}.json`, events);
    let count = 0;
    for (let next = '0.0.0', ended = false; !ended; ) {
      const { json } = await answered(api, `GET /v1/jobs/${jobId(1)}/events?limit=1000&after=${next}`);
      count += json.events.length;
      [next, ended] = [json.next, json.ended];
    }
    expect(count).toBe(600);
  });

  test('the parts of a batch prediction over 2.5 million images come in pages', async () => {
    const { api, store } = largeSystem();
    const batch = {
      ...evaluation,
      kind: 'batch-predict',
      spec: { name: 'large', version: 1, prefix: 'inputs/', topK: 5 },
      result: undefined,
    };
    await putJson(store, `jobs/${evaluation.id}.json`, batch);
    await Promise.all(
      times(2_500, (part) => store.put(`${outputPrefix(evaluation.id)}${`${part}`.padStart(6, '0')}.jsonl`, Buffer.from('x'))),
    );
    const names = new Set<string>();
    for (let next: string | undefined = ''; next !== undefined; ) {
      const { json } = await answered(api, `GET /v1/jobs/${evaluation.id}/files${next && `?after=${next}`}`);
      for (const { name } of json.files) names.add(name);
      next = json.next;
    }
    expect(names.size).toBe(2_500);
  });
});

describe('a model', () => {
  test('with 20,000 versions and 1,000 aliases: the newest, those with aliases, and pages of all', async () => {
    const { api, store } = largeSystem();
    await putJson(store, 'registry/large.json', model);
    const { json } = await answered(api, 'GET /v1/models/large');
    expect(json.versionCount).toBe(20_000);
    expect(json.versions).toHaveLength(1_000 + 999);
    expect(json.versions.at(-1).version).toBe(20_000);
    const page = await answered(api, 'GET /v1/models/large/versions?limit=1000');
    expect(page.json.versions).toHaveLength(1_000);
    const onward = await answered(api, `GET /v1/models/large/versions?limit=2&after=${page.json.next}`);
    expect(onward.json.versions.map(({ version }: { version: number }) => version)).toEqual([19_000, 18_999]);
    expect((await answered(api, 'PUT /v1/models/large/aliases/one-more', { version: 1 })).json).toMatchObject({
      status: 409,
      code: 'ALIASES_TOO_MANY',
    });
    expect((await answered(api, 'PUT /v1/models/large/aliases/alias-1', { version: 3 })).status).toBe(200);
    expect((await answered(api, 'DELETE /v1/models/large/aliases/alias-1')).json.versionCount).toBe(20_000);
    expect((await answered(api, 'GET /v1/models/large/aliases/nobody')).status).toBe(404);
    expect((await answered(api, 'POST /v1/models/large@99999/evaluations', { dataset: 'x' })).status).toBe(404);
  });

  test('a page of such models ends early', async () => {
    const { api, store } = largeSystem();
    const names = times(20, (number) => `m${`${number}`.padStart(2, '0')}`);
    for (const name of names)
      await putJson(store, `registry/${name}.json`, { ...model, name, versions: model.versions.slice(-2_000) });
    const found: string[] = [];
    for (let next: string | undefined = ''; next !== undefined; ) {
      const { json } = await answered(api, `GET /v1/models?limit=100${next && `&after=${next}`}`);
      found.push(...json.models.map(({ name }: { name: string }) => name));
      next = json.next;
    }
    expect(found).toEqual(names);
  });

  test('whose card has 15,000 classes, thresholds and many trials', async () => {
    const { api, store } = largeSystem();
    const [{ package: prefix = '' } = {}] = model.versions;
    await putJson(store, 'registry/large.json', model);
    await putJson(store, `${prefix}card.json`, {
      model: 'large',
      job: jobId(0),
      createdAt: time,
      task: 'multi-label',
      labels: times(CLASSES, label),
      spec,
      datasetDigest: digest(1),
      backbone: { name: 'mobilenet', inputSize: [32, 32], weightsDigest: '0', licence: 'MIT' },
      strategy: jobResult.strategy,
      input: { height: 32, width: 32, resize: 'bilinear' },
      modelDigest: '0',
      temperature: 1,
      thresholds: times(CLASSES, () => 0.5),
      metrics: { validation: metrics, test: metrics },
      search: { trials, best: 1 },
      bestEpoch: 1,
      runtime: 'wasm',
      versions: {},
    });
    const { status, json } = await answered(api, 'GET /v1/models/large/versions/1');
    expect(status, JSON.stringify(json).slice(0, 1_000)).toBe(200);
    expect(json.card.metrics.test.classCount).toBe(CLASSES);
    expect(json.card.thresholds).toHaveLength(json.card.labels.length);
  });

  test('asked about 32 images for 1,000 long labels each: the most probable that fit', async () => {
    const labels = times(1_000, (index) => `${index} ${'"long"'.repeat(50)}`);
    const { api, world } = apiSystem({
      openSession: async () => ({
        inputs: [],
        outputs: [],
        run: async (_, [images = 0]) => ({
          data: new Float32Array(images * 1_000).fill(0.001),
          dims: [images, 1_000],
          further: [],
        }),
        close: async () => {},
      }),
    });
    await publishConstant(world.store, 'wide');
    const card = {
      model: 'wide',
      task: 'single-label' as const,
      labels,
      input: { height: 8, width: 8, resize: 'bilinear' as const },
    };
    await writeServedModel(`models/wide/${jobId(1)}-1/`, card, new Uint8Array(1), world.store);
    const image = { base64: Buffer.from(await picture({ width: 8, height: 8 })).toString('base64') };
    const { status, json } = await answered(api, 'POST /v1/models/wide/predict', { topK: 1_000, images: times(32, () => image) });
    expect(status, JSON.stringify(json).slice(0, 1_000)).toBe(200);
    expect(json.predictions).toHaveLength(32);
    for (const one of json.predictions) expect(one.labels.length).toBeGreaterThan(50);
  });
});

describe('a refusal', () => {
  const long = 'x'.repeat(5 * 2 ** 20);
  test.each([
    ['a name', 'POST /v1/datasets', { name: long }],
    ['an unknown key', 'POST /v1/datasets', { [long]: 1 }],
    ['a path', 'POST /v1/datasets/upload-zzzzzzzzz-0123456789/files', { files: [{ path: long }] }],
    ['a list in the place of a name', 'POST /v1/datasets', { name: times(1_000_000, () => '"') }],
    [
      'an object in the place of a name',
      'POST /v1/datasets',
      { name: Object.fromEntries(times(100_000, (at) => [`"${at}`, '"'])) },
    ],
    ['a key of the images', 'POST /v1/models/two/predict', { images: [{ [long]: 1 }] }],
  ] as const)('of %s with megabytes does not repeat them', async (_, route, body) => {
    const { api } = apiSystem();
    const { status, json } = await answered(api, route, body);
    expect(status).toBe(400);
    expect(JSON.stringify(json).length).toBeLessThan(2_000_000);
  });

  test('of a spec that is larger than any needs to be comes before its record', async () => {
    const { api, world } = apiSystem();
    await importTwo(world);
    const over = Object.fromEntries(times(20_000, (at) => [`training.${at}`, [1e20, 1e20]]));
    for (const route of ['POST /v1/jobs', 'POST /v1/estimates'] as const)
      expect((await answered(api, route, { name: 'two', dataset: 'two', search: { over } })).json).toMatchObject({
        status: 413,
        code: 'BODY_TOO_LARGE',
      });
  });
});
