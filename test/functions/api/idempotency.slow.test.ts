/** A POST under an Idempotency-Key has one effect, whatever the world has become since and wherever the first request died. */
import { describe, expect, test } from 'vitest';
import { type LocalApi, localApi } from '../../../functions/api/dispatch-request.ts';
import { routes } from '../../../functions/api/routes.ts';
import type { JobQueue, World } from '../../../lib/ports.ts';
import { apiSystem, ask, importTwo, publishConstant } from '../../support/api.ts';
import { embeddedBucket } from '../../support/datasets/source-buckets.ts';
import { recordingCompute } from '../../support/world.ts';

const key = { 'idempotency-key': 'the only one' };
const backbone = { name: 'mobilenet', alpha: 0.25, inputSize: 32, weights: 'none' };
const rollback = 'POST /v1/models/two/aliases/prod/rollback';

/** What a POST makes, counted by the keys below a prefix. */
const requests = [
  ['a training', 'POST /v1/jobs', { name: 'two', dataset: 'two', backbone }, 'jobs/'],
  ['an evaluation', 'POST /v1/models/two/evaluations', { dataset: 'two' }, 'jobs/'],
  ['a batch prediction', 'POST /v1/models/two:prod/batch-predictions', { dataset: 'two' }, 'jobs/'],
  ['an upload', 'POST /v1/datasets', { name: 'new' }, 'uploads/'],
  ['an import of images that stay in S3', 'POST /v1/datasets', { name: 'new', source: 's3://photos/june/' }, 'uploads/'],
] as const;

async function system() {
  const photos = embeddedBucket('photos');
  const opened = apiSystem({ buckets: photos.buckets });
  await importTwo(opened.world);
  for (const number of [1, 2, 3]) {
    await publishConstant(opened.world.store, 'two', number);
    await ask(opened.api, 'PUT /v1/models/two/aliases/prod', { version: number });
  }
  return opened;
}

async function count({ store }: World, prefix: string): Promise<number> {
  return (await store.list(prefix)).objects.length;
}

describe.each(requests.slice(0, 3))('%s', (_, request, body, prefix) => {
  test('is the same one after what it names means something newer', async () => {
    const { api, world } = await system();
    const first = await ask(api, request, body, key);
    expect(first.status, JSON.stringify(first.json)).toBe(202);
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    await importTwo(world, 'two', [8, 10, 12, 14, 16, 18]);
    await publishConstant(world.store, 'two', 4);
    await ask(api, 'PUT /v1/models/two/aliases/prod', { version: 4 });
    const again = await ask(api, request, body, key);
    expect(again).toMatchObject({ status: 202, json: first.json, headers: { 'idempotency-replayed': 'true' } });
    expect(await count(world, prefix)).toBe(1);
  });

  test('is the same one after what it names was deleted', async () => {
    const { api } = await system();
    const { json: job } = await ask(api, request, body, key);
    await ask(api, `POST /v1/jobs/${job.id}/cancel`);
    expect((await ask(api, 'DELETE /v1/datasets/two')).status).toBe(202);
    expect((await ask(api, request, body, key)).json).toMatchObject({ id: job.id, state: 'CANCELLED' });
  });
});

test('a retry under a key is one job', async () => {
  const { api } = await system();
  const { json: job } = await ask(api, 'POST /v1/jobs', { name: 'two', dataset: 'two', backbone });
  const retry = () => ask(api, `POST /v1/jobs/${job.id}/retry`, {}, key);
  expect((await retry()).json).toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
  await ask(api, `POST /v1/jobs/${job.id}/cancel`);
  const first = await retry();
  expect(first).toMatchObject({ status: 202, json: { retryOf: job.id } });
  expect(await retry()).toMatchObject({ json: { id: first.json.id }, headers: { 'idempotency-replayed': 'true' } });
});

test('the key stands for the bytes of the body, not for what they mean', async () => {
  const { api } = await system();
  const send = (text: string) =>
    ask(api, 'POST /v1/jobs', new TextEncoder().encode(text), { ...key, 'content-type': 'application/json' });
  expect((await send('{"name": "two", "dataset": "two"}')).status).toBe(202);
  expect((await send('{"dataset": "two", "name": "two"}')).json).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  expect((await send('{"name": "two"')).json).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
});

test('a request that was refused before it made anything leaves its key free for a corrected one', async () => {
  const { api, world } = await system();
  expect((await ask(api, 'POST /v1/jobs', { name: 'two', dataset: 'nobody' }, key)).status).toBe(404);
  const first = await ask(api, 'POST /v1/jobs', { name: 'two', dataset: 'two', backbone }, key);
  expect(first.status).toBe(202);
  expect((await ask(api, 'POST /v1/jobs', { name: 'two', dataset: 'nobody' }, key)).status).toBe(409);
  expect(await count(world, 'jobs/')).toBe(1);
});

/** How one operation of the world goes wrong, and what becomes of the process after it. */
const faults = {
  'it was not done, and the process died': { done: false, dies: true },
  'it was done, and the process died before it knew': { done: true, dies: true },
  'it was not done, and said so': { done: false, dies: false },
  'it was done, and its answer was lost': { done: true, dies: false },
} as const;

type Operation = (...values: never[]) => Promise<unknown>;

/** The world, in which the operation of this number goes wrong. Counts from 0; `reached` says whether there was one. */
function failing(world: World, number: number, { done, dies }: { readonly done: boolean; readonly dies: boolean }) {
  let next = 0;
  const state = { reached: false };
  const wrap = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, operation]: [string, Operation]) => [
        name,
        async (...values: never[]) => {
          const mine = next++;
          state.reached ||= mine === number;
          if (mine < number || (mine > number && !dies)) return operation(...values);
          if (mine === number && done) await operation(...values);
          throw new Error('the machine went down');
        },
      ]),
    ) as Port;
  const queue = (port: JobQueue) => wrap(port);
  const { imports, trainings, webhooks } = world.queues;
  const queues = { imports: queue(imports), trainings: queue(trainings), webhooks: queue(webhooks) };
  return { state, world: { ...world, store: wrap(world.store), queues } };
}

/** Lets each operation of a request go wrong in each way, one after the other. @param act a first request to a broken API */
async function breakEach(world: World, act: (broken: LocalApi, key: string, where: string) => Promise<void>): Promise<void> {
  for (const [name, fault] of Object.entries(faults)) {
    let number = 0;
    for (let reached = true; reached; number++) {
      const broken = failing(world, number, fault);
      const services = { world: broken.world, compute: recordingCompute(), predictor: {} as never };
      await act(localApi(routes, services), `${name} ${number}`, `operation ${number}: ${name}`);
      reached = broken.state.reached;
    }
    expect(number).toBeGreaterThan(3);
  }
}

test.each(requests)('%s is made once, whichever operation of its request goes wrong', async (_, request, body, prefix) => {
  const { api, world } = await system();
  await breakEach(world, async (broken, value, where) => {
    const before = await count(world, prefix);
    const repeat = (to: LocalApi) => ask(to, request, body, { 'idempotency-key': value });
    const first = await repeat(broken);
    await world.clock.advance(61);
    const second = await repeat(api);
    expect(second.status, where).toBeLessThan(300);
    expect((await repeat(api)).json.id, where).toBe(second.json.id);
    if (first.status < 300) expect(second.json.id, where).toBe(first.json.id);
    expect(await count(world, prefix), where).toBe(before + 1);
  });
});

test('an alias is rolled back once, whichever operation of the request goes wrong', async () => {
  const { api, world } = await system();
  await breakEach(world, async (broken, value, where) => {
    for (const version of [1, 2, 3]) await ask(api, 'PUT /v1/models/two/aliases/prod', { version });
    const repeat = (to: LocalApi) => ask(to, rollback, undefined, { 'idempotency-key': value });
    await repeat(broken);
    await world.clock.advance(61);
    expect((await repeat(api)).json, where).toMatchObject({ version: 2 });
    expect((await repeat(api)).json, where).toMatchObject({ version: 2 });
  });
});

test('an alias that somebody else rolls back in between is not rolled back again by the repetition', async () => {
  const { api, world } = await system();
  // Operations: the key, the record twice, its replacement, then the answer.
  const broken = failing(world, 4, faults['it was not done, and the process died']);
  const services = { world: broken.world, compute: recordingCompute(), predictor: {} as never };
  expect((await ask(localApi(routes, services), rollback, undefined, key)).json).toMatchObject({ version: 2 });
  expect((await ask(api, rollback, undefined, { 'idempotency-key': 'another' })).json).toMatchObject({ version: 1 });
  await world.clock.advance(61);
  expect((await ask(api, rollback, undefined, key)).json).toMatchObject({ version: 1 });
});
