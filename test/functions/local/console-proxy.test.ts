import { createServer, request as httpRequest } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consoleProxy } from '../../../functions/local/console-proxy.ts';
import { serve } from '../../../functions/local/serve.ts';
import type { ApiRequest } from '../../../lib/client/api-request.ts';

const TOKEN = 'a-token-of-this-test';
const API = 'https://abc.execute-api.eu-central-1.amazonaws.com';

/** A store at an address of its own, which remembers what it got. */
async function openStore() {
  const got: { method: string; url: string; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    got.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'a=b' }).end('<script>alert(1)</script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const bound = server.address();
  return { got, address: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}` };
}

/** The proxy of an API that remembers its requests, and answers with signed requests to the store. */
async function opened() {
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
    const headers = { 'content-type': 'application/json', 'set-cookie': 'secret=1', etag: '"1"' };
    return { status: 200, headers, body: new TextEncoder().encode(JSON.stringify(answer)) };
  });
  const server = await serve(proxy, { host: '127.0.0.1', port: 0, token: TOKEN });
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

  test('says so when the store cannot be reached', async () => {
    const link = { request: { method: 'GET', url: 'https://bucket.s3.amazonaws.com/x', headers: {} } };
    const body = new TextEncoder().encode(JSON.stringify(link));
    const send = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body });
    const proxy = consoleProxy(API, send, async () => {
      throw new Error('no route to host');
    });
    const given = await proxy({ method: 'GET', url: '/v1/datasets', headers: {} });
    const { request } = JSON.parse(new TextDecoder().decode(given.body));
    const response = await proxy({ method: 'GET', url: request.url, headers: {} });
    expect(JSON.parse(new TextDecoder().decode(response.body))).toMatchObject({
      code: 'API_UNREACHABLE',
      at: 'https://bucket.s3.amazonaws.com',
      received: 'no route to host',
    });
  });
});
