import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { LocalApi } from '../../../functions/api/dispatch-request.ts';
import { Problem } from '../../../lib/contracts/http.ts';
import { runImport } from '../../../lib/datasets/run-import.ts';
import { apiSystem } from '../../support/api.ts';

const encode = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const decode = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body));
const upload = 'upload-zzzzzzzzz-0123456789';
const job = 'job-zzzzzzzzz-0123456789';

describe('a request that cannot be served gets problem+json', () => {
  const cases: [string, string, string, unknown, number, string][] = [
    ['no such route', 'GET', '/v1/nothing', undefined, 404, 'ROUTE_NOT_FOUND'],
    ['a method that the route lacks', 'DELETE', '/v1/jobs', undefined, 405, 'METHOD_NOT_ALLOWED'],
    ['a path that is not UTF-8', 'GET', '/v1/jobs/%ff', undefined, 400, 'PATH_INVALID'],
    ['no JSON', 'POST', '/v1/jobs', '{', 400, 'JSON_INVALID'],
    ['an unknown key', 'POST', '/v1/jobs', { name: 'a', dataset: 'b', epochs: 1 }, 400, 'UNKNOWN_KEY'],
    ['a member of the wrong type', 'POST', '/v1/jobs', { name: 'a', dataset: 7 }, 400, 'REQUEST_INVALID'],
    [
      'shares that do not add up',
      'POST',
      '/v1/jobs',
      { name: 'a', dataset: 'b', split: { train: 1, validation: 1, test: 1 } },
      400,
      'REQUEST_INVALID',
    ],
    ['an unknown data set', 'POST', '/v1/jobs', { name: 'a', dataset: 'b' }, 404, 'DATASET_NOT_FOUND'],
    [
      'an unknown backbone',
      'POST',
      '/v1/jobs',
      { name: 'a', dataset: 'b', backbone: { name: 'vgg61' } },
      400,
      'BACKBONE_UNKNOWN',
    ],
    ['a head without a vector', 'POST', '/v1/jobs', { name: 'a', dataset: 'b', head: [] }, 400, 'HEAD_SHAPE'],
    ['a job that is not there', 'GET', `/v1/jobs/${job}`, undefined, 404, 'JOB_NOT_FOUND'],
    ['an id that is none', 'GET', '/v1/jobs/..%2F..%2Fetc', undefined, 400, 'REQUEST_INVALID'],
    ['an upload that is not there', 'POST', `/v1/datasets/${upload}/complete`, { parts: 1, files: 1 }, 404, 'UPLOAD_NOT_FOUND'],
    [
      'a file path that leaves its folder',
      'POST',
      `/v1/datasets/${upload}/files`,
      { files: [{ path: '../a', size: 1, sha256: 'a'.repeat(64) }] },
      400,
      'REQUEST_INVALID',
    ],
    ['a model that is not there', 'POST', '/v1/models/nobody/predict', 'bytes', 404, 'MODEL_NOT_FOUND'],
    ['an empty body', 'POST', '/v1/models/nobody/predict', '', 400, 'BODY_EMPTY'],
    ["a token of one's own making", 'PUT', '/v1/uploads/e30.aaaa', 'bytes', 403, 'UPLOAD_TOKEN_INVALID'],
    ['a page that is too long', 'GET', '/v1/jobs?limit=1000', undefined, 400, 'REQUEST_INVALID'],
  ];

  test.each(cases)('%s', async (_, method, url, body, status, code) => {
    const { api } = apiSystem();
    const response = await api({ method: method as 'GET', url, headers: {}, ...(body !== undefined && { body: encode(body) }) });
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(Problem.parse(decode(response.body))).toMatchObject({ status, code });
    expect(response.status).toBe(status);
  });
});

describe('an upload', () => {
  test('to a full disk is refused with 507, and nothing half-written stays', async () => {
    const { api, world } = apiSystem({ quotaBytes: 2_000 });
    const bytes = new Uint8Array(5_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const { id } = decode((await post(api, '/v1/datasets', { name: 'full' })).body);
    const added = await post(api, `/v1/datasets/${id}/files`, { files: [{ path: 'a/b.jpg', size: bytes.length, sha256 }] });
    const [file] = decode(added.body).uploads;
    const sent = await api({ ...file.request, body: bytes });
    expect(sent.status).toBe(507);
    expect(decode(sent.body)).toMatchObject({ code: 'STORE_FULL' });
    expect((await world.store.list('blobs/')).objects).toEqual([]);
  });

  test('whose parts were lost is not imported', async () => {
    const { api } = apiSystem();
    const { id } = decode((await post(api, '/v1/datasets', { name: 'lost' })).body);
    const response = await post(api, `/v1/datasets/${id}/complete`, { parts: 2, files: 1500 });
    expect(decode(response.body)).toMatchObject({ status: 422, code: 'UPLOAD_INCOMPLETE' });
  });

  test('whose file says it is another is refused, and imports once it is right', async () => {
    const { api, world } = apiSystem();
    const photograph = await readFile(
      new URL('../../fixtures/trash/metal/', import.meta.url).pathname + (await firstOf('metal')),
    );
    const sha256 = createHash('sha256').update(photograph).digest('hex');
    const { id } = decode((await post(api, '/v1/datasets', { name: 'one' })).body);
    const added = await post(api, `/v1/datasets/${id}/files`, {
      files: [{ path: 'metal/1.jpg', size: photograph.length, sha256 }],
    });
    const [file] = decode(added.body).uploads;
    const altered = Uint8Array.from(photograph, (byte, index) => (index === 100 ? byte ^ 1 : byte));
    expect((await api({ ...file.request, body: altered })).status).toBe(422);
    expect((await api({ ...file.request, body: photograph })).status).toBe(200);
    expect((await post(api, `/v1/datasets/${id}/complete`, { parts: 1, files: 1 })).status).toBe(202);
    await runImport(id, world);
    const ready = await api({ method: 'GET', url: `/v1/datasets/${id}`, headers: {} });
    expect(decode(ready.body)).toMatchObject({ state: 'READY', report: { accepted: 1 } });
    expect((await api({ method: 'GET', url: '/v1/datasets/one%3Alatest', headers: {} })).status).toBe(200);
  });
});

async function firstOf(label: string): Promise<string> {
  const { readdir } = await import('node:fs/promises');
  return (await readdir(new URL(`../../fixtures/trash/${label}`, import.meta.url)))[0] ?? '';
}

function post(api: LocalApi, url: string, body: unknown) {
  return api({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body: encode(body) });
}
