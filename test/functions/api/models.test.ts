import { describe, expect, test } from 'vitest';
import { apiSystem, ask, constantSession, overHttp, picture, publishConstant } from '../../support/api.ts';

/** A model `two` with this many versions. */
async function withVersions(count: number) {
  const system = apiSystem({ openSession: constantSession });
  for (let number = 1; number <= count; number++) await publishConstant(system.world.store, 'two', number);
  return system;
}

const prod = '/v1/models/two/aliases/prod' as const;

describe('an alias', () => {
  test('is moved by one of two who have seen the same; the other gets 412', async () => {
    const { api } = await withVersions(3);
    expect((await ask(api, `PUT ${prod}`, { version: 1, expected: null })).status).toBe(200);
    const both = await Promise.all([2, 3].map((version) => ask(api, `PUT ${prod}`, { version, expected: 1 })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(both.find(({ status }) => status === 412)?.json).toMatchObject({ code: 'PRECONDITION_FAILED', at: 'two:prod' });
    const winner = both.find(({ status }) => status === 200)?.json;
    expect((await ask(api, `GET ${prod}`)).json).toEqual(winner);
  });

  test('is moved by its ETag once', async () => {
    const { api } = await withVersions(2);
    await ask(api, `PUT ${prod}`, { version: 1 });
    const { etag = '' } = (await ask(api, `GET ${prod}`)).headers;
    expect((await ask(api, `PUT ${prod}`, { version: 2 }, { 'if-match': etag })).status).toBe(200);
    expect((await ask(api, `PUT ${prod}`, { version: 1 }, { 'if-match': etag })).status).toBe(412);
  });

  test('goes back as far as it remembers', async () => {
    const { api } = await withVersions(3);
    for (const version of [1, 2, 3]) await ask(api, `PUT ${prod}`, { version });
    expect((await ask(api, `POST ${prod}/rollback`)).json).toMatchObject({ version: 2, previous: [1] });
    expect((await ask(api, `POST ${prod}/rollback`)).json).toMatchObject({ version: 1, previous: [] });
    expect((await ask(api, `POST ${prod}/rollback`)).json).toMatchObject({ status: 409, code: 'ALIAS_HAS_NO_PREVIOUS_VERSION' });
  });

  test('goes back only between the versions that the request expects', async () => {
    const { api } = await withVersions(3);
    for (const version of [1, 2, 3]) await ask(api, `PUT ${prod}`, { version });
    const back = (expected: object, key = '1') => ask(api, `POST ${prod}/rollback`, expected, { 'idempotency-key': key });
    expect((await back({ expected: 2 }, 'a')).json).toMatchObject({ status: 412, code: 'PRECONDITION_FAILED', at: 'two:prod' });
    expect((await back({ version: 1, expected: 3 }, 'b')).json).toMatchObject({
      status: 412,
      received: 'version 3, with 2 before it',
    });
    const move = { version: 2, expected: 3 };
    expect((await back(move, 'c')).json).toMatchObject({ version: 2, previous: [1] });
    expect((await back(move, 'd')).status).toBe(412);
    expect((await back({ version: 1 }, 'e')).json).toMatchObject({ version: 1, previous: [] });
    expect((await back({ version: 3 }, 'f')).status).toBe(412);
    expect((await back({ expected: 1 }, 'g')).json).toMatchObject({ status: 409, code: 'ALIAS_HAS_NO_PREVIOUS_VERSION' });
  });

  test('goes back once for a request that is repeated, also where the first one died before it could answer', async () => {
    const { api, world } = await withVersions(3);
    for (const version of [1, 2, 3]) await ask(api, `PUT ${prod}`, { version });
    const back = () => ask(api, `POST ${prod}/rollback`, undefined, { 'idempotency-key': 'oh no' });
    expect((await back()).json).toMatchObject({ version: 2 });
    expect(await back()).toMatchObject({ headers: { 'idempotency-replayed': 'true' }, json: { version: 2 } });
    const [kept] = (await world.store.list('answers/')).objects;
    const { answer: _, ...unanswered } = JSON.parse(new TextDecoder().decode((await world.store.get(kept?.key ?? ''))?.body));
    await world.store.put(kept?.key ?? '', new TextEncoder().encode(JSON.stringify(unanswered)));
    await world.clock.advance(61);
    expect((await back()).json).toMatchObject({ version: 2, previous: [1] });
  });

  test('may be called as members of every object are', async () => {
    const { api } = await withVersions(2);
    const alias = '/v1/models/two/aliases/constructor';
    expect((await ask(api, `POST ${alias}/rollback`)).json).toMatchObject({ status: 404, code: 'ALIAS_NOT_FOUND' });
    for (const version of [1, 2])
      expect((await ask(api, `PUT ${alias}`, { version })).json).toMatchObject({ alias: 'constructor', version });
    expect((await ask(api, `POST ${alias}/rollback`)).json).toMatchObject({ version: 1, previous: [] });
    expect((await ask(api, `DELETE ${alias}`)).status).toBe(200);
  });

  test('says which version answers, from the very next request', async () => {
    const { api } = await withVersions(2);
    const image = await picture();
    const version = async () => (await ask(api, 'POST /v1/models/two%3Aprod/predict', image)).json.version;
    await ask(api, `PUT ${prod}`, { version: 2 });
    expect(await version()).toBe(2);
    await ask(api, `PUT ${prod}`, { version: 1 });
    expect(await version()).toBe(1);
  });

  test('keeps its version from being deleted, and latest does not', async () => {
    const { api, world } = await withVersions(2);
    await ask(api, `PUT ${prod}`, { version: 1 });
    const refused = await ask(api, 'DELETE /v1/models/two/versions/1');
    expect(refused.json).toMatchObject({ status: 409, code: 'VERSION_IN_USE', received: 'prod points to 1' });
    expect((await ask(api, 'DELETE /v1/models/two?versions=all')).status).toBe(409);
    expect((await ask(api, 'DELETE /v1/models/two/versions/2')).json).toMatchObject({ aliases: { latest: 1, prod: 1 } });
    expect((await ask(api, `DELETE ${prod}`)).status).toBe(200);
    expect((await ask(api, 'DELETE /v1/models/two/versions/1')).json).toMatchObject({ versions: [], aliases: {} });
    expect((await world.store.list('models/two/')).objects).toEqual([]);
    expect(await publishConstant(world.store, 'two', 3)).toBe(3);
  });

  test.each([
    ['latest', 'DELETE /v1/models/two/aliases/latest', 409, 'ALIAS_REQUIRED'],
    ['one that is not there', `DELETE ${prod}`, 404, 'ALIAS_NOT_FOUND'],
    ['a name of every object', 'GET /v1/models/two/aliases/constructor', 404, 'ALIAS_NOT_FOUND'],
  ] as const)('%s', async (_, request, status, code) => {
    const { api } = await withVersions(1);
    expect((await ask(api, request)).json).toMatchObject({ status, code });
  });

  test('called as members of every object are is no version of a model', async () => {
    const { api } = await withVersions(1);
    const answer = await ask(api, 'POST /v1/models/two%3Aconstructor/predict', await picture());
    expect(answer.json).toMatchObject({ status: 404, code: 'MODEL_VERSION_NOT_FOUND' });
  });
});

test('a model that is deleted while it predicts still gives that answer, and none after it', async () => {
  const running = Promise.withResolvers<void>();
  const deleted = Promise.withResolvers<void>();
  let closed = false;
  const { api: direct, world } = apiSystem({
    async openSession(onnx) {
      const session = await constantSession(onnx);
      return {
        ...session,
        async run(...input) {
          running.resolve();
          await deleted.promise;
          if (closed) throw new Error('closed under a request');
          return session.run(...input);
        },
        async close() {
          closed = true;
        },
      };
    },
  });
  const api = await overHttp(direct);
  await publishConstant(world.store, 'two');
  const image = await picture();
  const answer = ask(api, 'POST /v1/models/two/predict', image);
  await running.promise;
  expect((await ask(api, 'DELETE /v1/models/two?versions=all')).status).toBe(200);
  deleted.resolve();
  expect((await answer).json).toMatchObject({ version: 1, predictions: [{ labels: [{ label: 'yes' }, { label: 'no' }] }] });
  expect((await ask(api, 'POST /v1/models/two/predict', image)).json).toMatchObject({ status: 404, code: 'MODEL_NOT_FOUND' });
});

describe('a model that another version of Graft has made', () => {
  async function modelWithCard(change: (card: Record<string, unknown>) => unknown) {
    const { api, world } = apiSystem({ openSession: constantSession });
    await publishConstant(world.store, 'two');
    const { json: record } = await ask(api, 'GET /v1/models/two');
    const key = `${record.versions[0].package}card.json`;
    const card = JSON.parse(new TextDecoder().decode((await world.store.get(key))?.body));
    await world.store.put(key, new TextEncoder().encode(JSON.stringify(change(card))));
    return { api, key };
  }

  test('answers, where its card says more than this one knows', async () => {
    const { api } = await modelWithCard((card) => ({ ...card, carbon: 1 }));
    expect((await ask(api, 'POST /v1/models/two/predict', await picture())).status).toBe(200);
  });

  test('is refused with what its card lacks', async () => {
    const { api, key } = await modelWithCard(({ labels: _, ...card }) => card);
    const answer = await ask(api, 'POST /v1/models/two/predict', await picture());
    expect(answer.json).toMatchObject({ status: 500, code: 'DOCUMENT_UNREADABLE', at: `labels of ${key}`, received: 'nothing' });
    const details = await ask(api, 'GET /v1/models/two/versions/1');
    expect(details.json).toMatchObject({
      status: 500,
      code: 'DOCUMENT_UNREADABLE',
      fix: expect.stringContaining('version of Graft'),
    });
  });
});
