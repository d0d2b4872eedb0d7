import { createServer, request as httpRequest } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readBody, type UnreadBody } from '../../../functions/api/route.ts';
import { consoleProxy } from '../../../functions/local/console-proxy.ts';
import { openRemoteLabelling } from '../../../functions/local/remote/remote-labelling.ts';
import { serve } from '../../../functions/local/serve.ts';
import type { ApiRequest } from '../../../lib/client/api-request.ts';
import { MAX_EXPORT_BYTES } from '../../../lib/contracts/upload-files.ts';
import { SpecError } from '../../../lib/errors.ts';

const TOKEN = 'a-token-of-this-test';
const API = 'https://abc.execute-api.eu-central-1.amazonaws.com';

/** A store at an address of its own, which remembers what it got. */
async function openStore() {
  const got: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray().catch(() => undefined);
    if (chunks === undefined) return;
    const body = Buffer.concat(chunks).toString();
    got.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<script>alert(1)</script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return { got, address: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}` };
}

/** The proxy of an API that remembers its requests, and answers with signed requests to the store. */
async function opened(limits: { requestMs?: number } = {}) {
  const store = await openStore();
  const sent: ApiRequest[] = [];
  const link = {
    method: 'GET',
    url: `${store.address}/data/blob?X-Amz-Signature=1`,
    headers: { 'x-amz-checksum-mode': 'ENABLED' },
  };
  const answer = {
    images: [
      { path: 'a.jpg', request: link },
      { path: 'b', request: { ...link, url: '/v1/downloads/x' } },
    ],
  };
  const proxy = consoleProxy(API, async (request) => {
    sent.push(request);
    if (request.url === '/v1/never') return new Promise(() => {});
    const headers = { 'content-type': 'application/json', 'set-cookie': 'secret=1', etag: '"1"' };
    return { status: 200, headers, body: new TextEncoder().encode(JSON.stringify(answer)) };
  });
  const server = await serve(proxy, { host: '127.0.0.1', port: 0, token: TOKEN, bodyBytes: 1_000, ...limits });
  onTestFinished(() => server.close());
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.address}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...Object.fromEntries(new Headers(init.headers)) },
    });
  const linked = async (): Promise<string[]> => {
    const { images } = JSON.parse(await (await ask('/v1/datasets/x/images')).text());
    return images.map(({ request }: { request: { url: string } }) => request.url);
  };
  return { store, sent, ask, linked, address: server.address };
}

describe('graft console', () => {
  test('serves the page with its policy, and nothing else without the token', async () => {
    const { address, sent } = await opened();
    const page = await fetch(`${address}/`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
    expect((await fetch(`${address}/v1/datasets`)).status).toBe(401);
    expect((await fetch(`${address}/v1/datasets`, { headers: { authorization: 'Bearer other' } })).status).toBe(401);
    expect((await fetch(`${address}/signed/x.y`)).status).toBe(401);
    expect(sent).toEqual([]);
  });

  test('sends a request on without the token and the cookies of the browser, and returns the answer without cookies', async () => {
    const { ask, sent } = await opened();
    const response = await ask('/v1/datasets?limit=2', {
      method: 'POST',
      body: '{"name": "x"}',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k', cookie: 'a=b', 'x-amz-date': 'evil' },
    });
    expect(response.status).toBe(200);
    expect([response.headers.get('etag'), response.headers.get('set-cookie')]).toEqual(['"1"', null]);
    const [request] = sent;
    expect(request).toMatchObject({ method: 'POST', url: '/v1/datasets?limit=2' });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'k' });
    expect(Object.keys(request?.headers ?? {})).not.toEqual(expect.arrayContaining([expect.stringMatching(/auth|cookie|x-amz/)]));
    expect(new TextDecoder().decode(request?.body)).toBe('{"name": "x"}');
  });

  test('relays the requests that the store signed, as data and without the token', async () => {
    const { store, ask, linked } = await opened();
    const [file = '', own] = await linked();
    expect(file).toMatch(/^\/signed\/[\w-]{43}\.[\w-]+$/);
    expect(own).toBe('/v1/downloads/x');
    const response = await ask(file, { headers: { 'x-amz-checksum-mode': 'ENABLED' } });
    expect(await response.text()).toContain('script');
    expect(response.headers.get('content-disposition')).toBe('attachment');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('set-cookie')).toBeNull();
    const put = await ask(file, { method: 'PUT', body: 'bytes of an image' });
    expect(put.status).toBe(200);
    expect(store.got).toMatchObject([
      { method: 'GET', url: '/data/blob?X-Amz-Signature=1', headers: { 'x-amz-checksum-mode': 'ENABLED' } },
      { method: 'PUT', body: 'bytes of an image' },
    ]);
    for (const { headers } of store.got) expect(headers.authorization).toBeUndefined();
  });

  test('relays files with their length, also those that are larger than what it may hold', async () => {
    const { store, ask, linked } = await opened();
    const [file = ''] = await linked();
    const sizes = [0, 70_000, 300_000];
    const answers = await Promise.all(sizes.map((size) => ask(file, { method: 'PUT', body: 'x'.repeat(size) })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const got = store.got.map(({ headers, body }) => [Number(headers['content-length']), body.length]);
    expect(got.sort(([a = 0], [b = 0]) => a - b)).toEqual(sizes.map((size) => [size, size]));
  });

  test('relays a file that takes longer than a request of the API', async () => {
    const { store, ask, linked, address } = await opened({ requestMs: 1_500 });
    const [file = ''] = await linked();
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-length': '10' };
    const answer = Promise.withResolvers<number | undefined>();
    const upload = httpRequest(`${address}${file}`, { method: 'PUT', headers }, (response) =>
      answer.resolve(response.resume().statusCode),
    );
    await new Promise((resolve) => upload.write('first', resolve));
    // A request that begins later, and is out of time.
    expect((await ask('/v1/never')).status).toBe(503);
    upload.end('after');
    expect(await answer.promise).toBe(200);
    expect(store.got).toMatchObject([{ method: 'PUT', body: 'firstafter' }]);
  });

  test('refuses a file that is too large, or whose length nobody says, before the store is asked', async () => {
    const { store, address, linked } = await opened();
    const [file = ''] = await linked();
    const put = (headers: Record<string, string>) =>
      new Promise((resolve, reject) => {
        const sent = { method: 'PUT', headers: { authorization: `Bearer ${TOKEN}`, ...headers } };
        const request = httpRequest(`${address}${file}`, sent, async (response) => {
          resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()));
          request.destroy();
        });
        request.on('error', reject).write('x');
      });
    expect(await put({ 'content-length': `${MAX_EXPORT_BYTES + 1}` })).toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(await put({ 'transfer-encoding': 'chunked' })).toMatchObject({ code: 'BODY_INCOMPLETE', at: 'content-length' });
    expect(store.got).toEqual([]);
  });

  test('takes a file as large as an export may be, for the store and for an API that takes files itself', async () => {
    const link = { request: { method: 'PUT', url: 'https://store.example/x', headers: {} } };
    const json = { status: 200, headers: { 'content-type': 'application/json' } };
    const send = async () => ({ ...json, body: new TextEncoder().encode(JSON.stringify(link)) });
    const lengths: unknown[] = [];
    const fetcher: typeof fetch = async (_, init) => {
      lengths.push(new Headers(init?.headers).get('content-length'));
      return new Response('');
    };
    const proxy = consoleProxy(API, send, { fetcher });
    const { body } = await proxy({ method: 'GET', url: '/v1/datasets', headers: {} });
    const { request } = JSON.parse(new TextDecoder().decode(body));
    const limits: number[] = [];
    const largest: UnreadBody = {
      ...readBody(new Uint8Array()),
      length: MAX_EXPORT_BYTES,
      async bytes(limit) {
        limits.push(limit);
        return new Uint8Array();
      },
    };
    expect(await proxy({ method: 'PUT', url: request.url, headers: {}, body: largest })).toMatchObject({ status: 200 });
    expect(await proxy({ method: 'PUT', url: '/v1/uploads/x', headers: {}, body: largest })).toMatchObject({ status: 200 });
    expect(lengths).toEqual([`${MAX_EXPORT_BYTES}`]);
    expect(limits).toEqual([MAX_EXPORT_BYTES]);
  });

  test.each(['https://lab.example/graft', 'https://lab.example/graft/'])('seals what is outside the API at %s', async (api) => {
    const link = (url: unknown) => ({ request: { method: 'GET', url, headers: {} } });
    const urls = ['https://lab.example/store/a', 'https://lab.example/graft-2/a', 'https://lab.example/graft/v1/downloads/a'];
    const body = new TextEncoder().encode(JSON.stringify(urls.map(link)));
    const proxy = consoleProxy(api, async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body }));
    const given = await proxy({ method: 'GET', url: '/v1/datasets', headers: {} });
    expect(JSON.parse(new TextDecoder().decode(given.body))).toMatchObject([
      link(expect.stringMatching(/^\/signed\//)),
      link(expect.stringMatching(/^\/signed\//)),
      link('https://lab.example/graft/v1/downloads/a'),
    ]);
  });

  test('says so when the bytes of a file stop', async () => {
    const store = await openStore();
    const link = { request: { method: 'PUT', url: `${store.address}/x`, headers: {} } };
    const body = new TextEncoder().encode(JSON.stringify(link));
    const send = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
    const proxy = consoleProxy(API, send);
    const given = await proxy({ method: 'GET', url: '/v1/datasets', headers: {} });
    const { request } = JSON.parse(new TextDecoder().decode(given.body));
    const stopped: UnreadBody = {
      ...readBody(new Uint8Array(10)),
      async *chunks() {
        yield new Uint8Array(4);
        throw new SpecError('BODY_TOO_SLOW');
      },
    };
    const response = await proxy({ method: 'PUT', url: request.url, headers: {}, body: stopped });
    expect(JSON.parse(new TextDecoder().decode(response.body))).toMatchObject({ code: 'BODY_TOO_SLOW' });
  });

  test('relays no address that the API did not give', async () => {
    const { store, ask, linked } = await opened();
    const [file = ''] = await linked();
    const [seal = ''] = file.split('.');
    const other = Buffer.from(`${store.address}/other`).toString('base64url');
    for (const path of [`${seal}.${other}`, `/signed/${other}`, '/signed/', `/signed/.${other}`]) {
      const response = await ask(path);
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ code: 'DOWNLOAD_TOKEN_INVALID' });
    }
    expect((await ask('/latest/meta-data')).status).toBe(404);
    expect(store.got).toEqual([]);
  });

  test('answers no page of another origin, and no other host', async () => {
    const { ask, sent, address } = await opened();
    const foreign = await ask('/v1/datasets', { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect(await foreign.json()).toMatchObject({ code: 'ORIGIN_FORBIDDEN' });
    const status = await new Promise((resolve) => {
      const headers = { host: 'evil.example', authorization: `Bearer ${TOKEN}` };
      httpRequest(`${address}/v1/datasets`, { headers }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(421);
    expect(sent).toEqual([]);
  });

  test('serves suggestions itself, behind the same checks, and seals their links', async () => {
    const sent: string[] = [];
    const asked: string[] = [];
    const link = { method: 'GET', url: 'https://bucket.s3.amazonaws.com/x', headers: {} };
    const labelling = openRemoteLabelling({
      send: async () => Promise.reject(new Error('not asked')),
      directory: '',
      log: () => {},
    });
    const send = async ({ url }: ApiRequest) => {
      sent.push(url);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: new Uint8Array(Buffer.from('{}')) };
    };
    const proxy = consoleProxy(API, send, {
      labelling: {
        serves: labelling.serves,
        async api({ url }) {
          asked.push(url);
          const body = new TextEncoder().encode(JSON.stringify({ next: [{ request: link }] }));
          return { status: 200, headers: { 'content-type': 'application/json' }, body };
        },
      },
    });
    const server = await serve(proxy, { host: '127.0.0.1', port: 0, token: TOKEN });
    onTestFinished(() => server.close());
    const own = ['suggestions?next=3', 'similar?image=a', 'map', 'pairs', 'unknown'].map((name) => `/v1/datasets/x/${name}`);
    for (const path of own) {
      expect((await fetch(`${server.address}${path}`)).status).toBe(401);
      const foreign = { authorization: `Bearer ${TOKEN}`, origin: 'https://evil.example' };
      expect((await fetch(`${server.address}${path}`, { headers: foreign })).status).toBe(403);
    }
    expect(asked).toEqual([]);
    for (const path of [...own, '/v1/datasets/x/images', '/v1/datasets/x'])
      await fetch(`${server.address}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } }).then(async (response) => {
        expect(response.status).toBe(200);
        expect(await response.text()).not.toContain('bucket.s3');
      });
    expect(asked).toEqual(own);
    expect(sent).toEqual(['/v1/datasets/x/images', '/v1/datasets/x']);
  });

  test('says so when the store cannot be reached', async () => {
    const link = { request: { method: 'GET', url: 'https://bucket.s3.amazonaws.com/x', headers: {} } };
    const body = new TextEncoder().encode(JSON.stringify(link));
    const send = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
    const fetcher = async () => {
      throw new Error('no route to host');
    };
    const proxy = consoleProxy(API, send, { fetcher });
    const given = await proxy({ method: 'GET', url: '/v1/datasets', headers: {} });
    const { request } = JSON.parse(new TextDecoder().decode(given.body));
    const response = await proxy({ method: 'GET', url: request.url, headers: {} });
    expect(JSON.parse(new TextDecoder().decode(response.body))).toMatchObject({
      code: 'API_UNREACHABLE',
      at: 'https://bucket.s3.amazonaws.com',
      expected: 'a store that responds',
      received: 'no route to host',
      // The store need not be that of AWS.
      fix: 'check that this network allows requests to it',
    });
  });
});
