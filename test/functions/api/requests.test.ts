/** What holds for every route: keys, tags, admission, origins, links, and addresses of images. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { IMAGE_BYTES, PREDICTIONS_IN_FLIGHT } from '../../../functions/api/limits.ts';
import { deliverWebhook } from '../../../lib/jobs/deliver-webhook.ts';
import { webhookSecret } from '../../../lib/local/webhook-secret.ts';
import { apiSystem, ask, constantSession, importTwo, picture, publishConstant } from '../../support/api.ts';
import { collectGarbage } from '../../support/collect-garbage.ts';

const spec = { name: 'two', dataset: 'two', backbone: { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' } };

describe('a POST with an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'the only one' };

  test('sent twice gives the answer of the first, and has one effect', async () => {
    const { api, world } = apiSystem();
    const first = await ask(api, 'POST /v1/datasets', { name: 'two' }, key);
    const again = await ask(api, 'POST /v1/datasets', { name: 'two' }, key);
    expect(again).toMatchObject({ status: 201, json: first.json, headers: { 'idempotency-replayed': 'true' } });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect((await world.store.list('uploads/')).objects).toHaveLength(1);
  });

  test.each([
    ['another body', 'POST /v1/datasets', { name: 'three' }],
    ['another route', 'POST /v1/datasets/upload-zzzzzzzzz-0123456789/complete', { name: 'two' }],
  ] as const)('with %s is refused', async (_, request, body) => {
    const { api } = apiSystem();
    await ask(api, 'POST /v1/datasets', { name: 'two' }, key);
    expect((await ask(api, request, body, key)).json).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  test('sent twenty times at once has one effect; who comes too early is asked to come again', async () => {
    const { api, world } = apiSystem();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(api, 'POST /v1/datasets', { name: 'two' }, key)));
    for (const { status, headers } of answers) if (status !== 201) expect([status, headers['retry-after']]).toEqual([409, '1']);
    expect((await world.store.list('uploads/')).objects).toHaveLength(1);
  });

  test('that failed is run again', async () => {
    const { api, world } = apiSystem({ openSession: constantSession });
    const rollback = () => ask(api, 'POST /v1/models/two/aliases/prod/rollback', undefined, key);
    expect((await rollback()).status).toBe(404);
    for (const number of [1, 2]) {
      await publishConstant(world.store, 'two', number);
      await ask(api, 'PUT /v1/models/two/aliases/prod', { version: number });
    }
    expect((await rollback()).json).toMatchObject({ version: 1 });
    // A second step back would be a second effect.
    expect((await rollback()).json).toMatchObject({ version: 1, previous: [] });
  });

  test('that makes a job gives back that job as it is now', async () => {
    const { api, world } = apiSystem();
    await importTwo(world);
    const first = await ask(api, 'POST /v1/jobs', spec, key);
    await ask(api, `POST /v1/jobs/${first.json.id}/cancel`);
    expect((await ask(api, 'POST /v1/jobs', spec, key)).json).toMatchObject({ id: first.json.id, state: 'CANCELLED' });
    expect((await ask(api, 'POST /v1/jobs', { ...spec, name: 'three' }, key)).status).toBe(409);
    expect((await ask(api, 'GET /v1/jobs')).json.jobs).toHaveLength(1);
  });
});

test.each([
  ['http://example.com/', 400, 'WEBHOOK_URL'],
  ['https://10.0.0.1/', 403, 'WEBHOOK_ADDRESS'],
  ['https://localhost/', 403, 'WEBHOOK_ADDRESS'],
])('a webhook to %s is refused by a submission and by an estimate alike', async (url, status, code) => {
  const { api, world } = apiSystem();
  await importTwo(world);
  for (const route of ['POST /v1/jobs', 'POST /v1/estimates'] as const)
    expect((await ask(api, route, { ...spec, webhook: { url } })).json, route).toMatchObject({ status, code });
});

test('what became of a webhook shows in the job', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const { json: job } = await ask(api, 'POST /v1/jobs', { ...spec, webhook: { url: 'https://nobody.invalid/' } });
  await ask(api, `POST /v1/jobs/${job.id}/cancel`);
  expect((await ask(api, `GET /v1/jobs/${job.id}`)).json).not.toHaveProperty('webhook');
  const [delivery] = await world.queues.webhooks.receive({ max: 1, visibilitySeconds: 30 });
  if (delivery === undefined) throw new Error('nothing on the queue');
  const fail = deliverWebhook(delivery, world, { secret: () => webhookSecret(world.directory) });
  await expect(fail).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
  expect((await ask(api, `GET /v1/jobs/${job.id}`)).json).toMatchObject({
    state: 'CANCELLED',
    updatedAt: expect.any(String),
    webhook: { state: 'failing', tries: 1, next: expect.any(String), error: { code: 'WEBHOOK_FAILED' } },
  });
});

test('a job that was cancelled is tried again as a new job; one that has not ended is not', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const { json: job } = await ask(api, 'POST /v1/jobs', spec);
  expect((await ask(api, `POST /v1/jobs/${job.id}/retry`)).json).toMatchObject({ status: 409, code: 'JOB_NOT_RETRYABLE' });
  await ask(api, `POST /v1/jobs/${job.id}/cancel`);
  const retry = await ask(api, `POST /v1/jobs/${job.id}/retry`);
  expect(retry).toMatchObject({ status: 202, json: { state: 'SUBMITTED', retryOf: job.id, spec: job.spec, attempt: 0 } });
  expect(retry.json.id).not.toBe(job.id);
});

test('a data set is deleted when no job works on it any more, and only what no other has', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  await importTwo(world, 'more', [8, 10, 12, 14, 16, 18]);
  const { json: job } = await ask(api, 'POST /v1/jobs', spec);
  expect((await ask(api, 'DELETE /v1/datasets/two')).json).toMatchObject({
    status: 409,
    code: 'DATASET_IN_USE',
    received: job.id,
  });
  await ask(api, `POST /v1/jobs/${job.id}/cancel`);
  expect(await ask(api, 'DELETE /v1/datasets/two')).toMatchObject({
    status: 202,
    json: { dataset: 'two', versions: [expect.any(String)] },
  });
  expect((await ask(api, 'GET /v1/datasets/two')).status).toBe(404);
  expect((await ask(api, 'DELETE /v1/datasets/two')).status).toBe(404);
  expect(await collectGarbage(world)).toMatchObject({ blobs: 0, manifests: 1, reports: 1 });
  expect((await ask(api, 'DELETE /v1/datasets/more')).status).toBe(202);
  expect(await collectGarbage(world)).toMatchObject({ blobs: 12, manifests: 1, reports: 1 });
  for (const prefix of ['blobs/', 'manifests/', 'reports/', 'upload-parts/', 'collection/marks/'])
    expect((await world.store.list(prefix)).objects).toEqual([]);
});

test('a record that has not changed is not sent again', async () => {
  const { api, world } = apiSystem();
  await importTwo(world);
  const { json: job } = await ask(api, 'POST /v1/jobs', spec);
  const { headers } = await ask(api, `GET /v1/jobs/${job.id}`);
  const again = () => ask(api, `GET /v1/jobs/${job.id}`, undefined, { 'if-none-match': `"other", W/${headers.etag}` });
  expect(await again()).toMatchObject({ status: 304, json: undefined, headers: { etag: headers.etag } });
  await ask(api, `POST /v1/jobs/${job.id}/cancel`);
  expect(await again()).toMatchObject({ status: 200, json: { state: 'CANCELLED' } });
});

test('predictions beyond those in hand get 429 and when to come again; the others are answered', async () => {
  const free = Promise.withResolvers<void>();
  const { api, world } = apiSystem({
    async openSession(onnx) {
      const session = await constantSession(onnx);
      return { ...session, run: (...input) => free.promise.then(() => session.run(...input)) };
    },
  });
  await publishConstant(world.store, 'two');
  const image = await picture();
  const predict = () => ask(api, 'POST /v1/models/two/predict', image);
  const inHand = Array.from({ length: PREDICTIONS_IN_FLIGHT }, predict);
  const tooMany = await predict();
  expect(tooMany).toMatchObject({ status: 429, headers: { 'retry-after': '1' }, json: { code: 'TOO_MANY_REQUESTS' } });
  expect((await ask(api, 'GET /v1/health')).status).toBe(200);
  free.resolve();
  expect((await Promise.all(inHand)).map(({ status }) => status)).toEqual(inHand.map(() => 200));
  expect((await predict()).status).toBe(200);
});

describe('a page of another origin', () => {
  const origin = 'https://lab.example';
  const open = () => apiSystem({ origins: [origin] }).api;

  test('that is allowed may ask first, and reads the answer', async () => {
    const api = open();
    const preflight = await api({ method: 'OPTIONS' as 'GET', url: '/v1/jobs', headers: { Origin: origin } });
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': origin, vary: 'origin' } });
    const posted = await ask(api, 'POST /v1/datasets', { name: 'two' }, { origin });
    expect(posted).toMatchObject({ status: 201, headers: { 'access-control-allow-origin': origin } });
  });

  test.each([
    ['that nobody named', 'https://evil.example'],
    ['of a file', 'null'],
    ['whose name only begins alike', 'https://lab.example.evil.example'],
  ])('%s changes nothing and reads nothing', async (_, stranger) => {
    const api = open();
    const posted = await ask(api, 'POST /v1/datasets', { name: 'two' }, { origin: stranger, host: '127.0.0.1:4400' });
    expect(posted.json).toMatchObject({ status: 403, code: 'ORIGIN_FORBIDDEN' });
    const read = await ask(api, 'GET /v1/jobs', undefined, { origin: stranger });
    expect(read.headers).not.toHaveProperty('access-control-allow-origin');
    const preflight = await api({ method: 'OPTIONS' as 'GET', url: '/v1/jobs', headers: { origin: stranger } });
    expect(preflight.status).toBe(405);
  });

  const image = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
  const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
  const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  test.each([
    ['an image of another site', { 'sec-fetch-site': 'cross-site', ...image }, 403],
    ['an image of another port', { 'sec-fetch-site': 'same-site', ...image }, 403],
    ['a frame', { 'sec-fetch-site': 'cross-site', ...frame }, 403],
    ['a link', { 'sec-fetch-site': 'cross-site', ...link }, 200],
    ['an image of its own', { 'sec-fetch-site': 'same-origin', ...image }, 200],
    ['an address that somebody entered', { 'sec-fetch-site': 'none', ...link }, 200],
  ])('starts no work without an origin: %s', async (_, headers, status) => {
    expect((await ask(apiSystem().api, 'GET /v1/jobs', undefined, headers)).status).toBe(status);
  });

  test("is none where it is the server's own", async () => {
    const headers = { origin: 'http://127.0.0.1:4400', host: '127.0.0.1:4400' };
    expect((await ask(apiSystem().api, 'POST /v1/datasets', { name: 'two' }, headers)).status).toBe(201);
  });
});

describe('a signed link', () => {
  test('fetches its file, until its time is over or a letter of it is another', async () => {
    const { api, world } = apiSystem();
    await publishConstant(world.store, 'two');
    const { json } = await ask(api, 'GET /v1/models/two/versions/1/files');
    const { url } = json.files.find(({ name }: { name: string }) => name === 'card.json').request;
    expect(await ask(api, `GET ${url}`)).toMatchObject({ status: 200, json: { labels: ['no', 'yes'] } });
    const [payload = '', mac = ''] = url.split('.');
    const forged = `${payload}.${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`;
    expect((await ask(api, `GET ${forged}`)).status).toBe(403);
    await world.clock.advance(901);
    expect((await ask(api, `GET ${url}`)).status).toBe(403);
  });

  test('is in no line of the log, also if its request fails', async () => {
    const { api, world } = apiSystem();
    const lines: unknown[] = [];
    Object.assign(world, { log: (...line: unknown[]) => void lines.push(line) });
    Object.assign(world.store, { acceptUpload: () => Promise.reject(new Error('the disk failed')) });
    expect((await ask(api, 'PUT /v1/uploads/a-token', new Uint8Array(1))).status).toBe(500);
    expect(lines).toEqual([['request.failed', expect.objectContaining({ path: '/v1/uploads/{token}' })]]);
    expect(JSON.stringify(lines)).not.toContain('a-token');
  });
});

describe('an address of an image', () => {
  const predict = (api: ReturnType<typeof apiSystem>['api'], uri: string) =>
    ask(api, 'POST /v1/models/two/predict', { images: [{ uri }] });

  test('in the own store is read, whatever page of it may be meant', async () => {
    const { api, world } = apiSystem({ openSession: constantSession });
    await publishConstant(world.store, 'two');
    await world.store.put('inputs/a.png', await picture());
    const uri = 's3://graft/inputs/a.png';
    expect((await predict(api, uri)).json.predictions).toMatchObject([{ image: uri, labels: [{ label: 'yes' }, {}] }]);
    expect((await predict(api, 's3://graft/inputs/b.png')).json).toMatchObject({ status: 404, code: 'OBJECT_NOT_FOUND' });
  });

  test('counts with the other images of its request, which have 4 MiB together', async () => {
    const { api, world } = apiSystem({ openSession: constantSession });
    await publishConstant(world.store, 'two');
    await world.store.put('inputs/large.png', new Uint8Array(IMAGE_BYTES));
    const image = await picture();
    const large = { uri: 's3://graft/inputs/large.png' };
    const tooLarge = { status: 400, code: 'IMAGES_TOO_LARGE', expected: `images of at most ${IMAGE_BYTES} bytes together` };
    const predictAll = async (images: object[]) => (await ask(api, 'POST /v1/models/two/predict', { images })).json;
    const base64 = Buffer.from(image).toString('base64');
    expect(await predictAll([{ base64 }, large])).toMatchObject({ ...tooLarge, at: large.uri });
    expect(await predictAll([large, { base64 }])).toMatchObject({ ...tooLarge, at: 'images.1' });
    expect(await predictAll([large, large])).toMatchObject({ ...tooLarge, at: large.uri });
    const bytes = new Uint8Array(IMAGE_BYTES + 1);
    expect((await ask(api, 'POST /v1/models/two/predict', bytes)).json).toMatchObject({ ...tooLarge, at: 'body' });
  });

  test('elsewhere is refused, and nobody is asked for it', async () => {
    const { api, world } = apiSystem({ openSession: constantSession });
    await publishConstant(world.store, 'two');
    let visitors = 0;
    const server = createServer((_, response) => void response.end(`${++visitors}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const addresses = [
      [`http://127.0.0.1:${port}/a.png`, 400],
      [`//127.0.0.1:${port}/a.png`, 400],
      ['file:///etc/passwd', 400],
      ['/etc/passwd', 400],
      ['s3://other/inputs/a.png', 403],
      ['s3://graft/registry/two.json', 403],
      ['s3://graft/inputs/../registry/two.json', 403],
      ['s3://graft/inputs/./a.png', 403],
      ['s3://graft/inputs\\..\\registry', 403],
      ['s3://graft/blobs/\u0000', 403],
    ] as const;
    for (const [uri, status] of addresses) expect((await predict(api, uri)).status, uri).toBe(status);
    expect(visitors).toBe(0);
  });
});

describe('a path that would leave its folder', () => {
  const outside = [
    '..%2F..%2Fetc',
    '%2e%2e',
    '..',
    '.',
    '%2Fetc%2Fpasswd',
    'two%00',
    '..%5C..',
    'two%2F..%2Fthree',
    'TWO',
    '__proto__',
  ];
  const routes = [
    (part: string) => `GET /v1/models/${part}`,
    (part: string) => `GET /v1/models/two/versions/${part}`,
    (part: string) => `GET /v1/models/two/aliases/${part}/x`,
    (part: string) => `POST /v1/models/${part}/predict`,
    (part: string) => `GET /v1/datasets/${part}`,
    (part: string) => `DELETE /v1/datasets/${part}`,
    (part: string) => `GET /v1/jobs/${part}/files`,
    (part: string) => `GET /v1/downloads/${part}`,
    (part: string) => `PUT /v1/uploads/${part}`,
  ];

  test.each(outside)('%s is refused by every route', async (part) => {
    const { api } = apiSystem();
    for (const route of routes) {
      const request = route(part) as `GET ${string}`;
      const body = /^P/.test(request) ? new Uint8Array(1) : undefined;
      const { status } = await ask(api, request, body);
      expect(status, request).toBeGreaterThanOrEqual(400);
      expect(status, request).toBeLessThan(500);
    }
  });

  test.each(['//', '/v1/jobs/%ff', '/v1/%', '//x:y/v1/jobs', '/\\'])('%s is no address of the API', async (url) => {
    const { api } = apiSystem();
    const { status } = await ask(api, `GET ${url}`);
    expect([400, 404]).toContain(status);
  });

  test.each(['../../etc/passwd', 'registry/', 'inputs', 'inputs/../registry/', '/inputs/'])(
    '%s is no prefix of images',
    async (prefix) => {
      const { api, world } = apiSystem();
      await publishConstant(world.store, 'two');
      const { json } = await ask(api, 'POST /v1/models/two/batch-predictions', { prefix });
      expect(json).toMatchObject({ status: 400, at: 'prefix' });
    },
  );
});
