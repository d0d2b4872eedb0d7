import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LocalApi, localApi } from '../../../functions/api/dispatch-request.ts';
import { BODIES_IN_FLIGHT } from '../../../functions/api/limits.ts';
import { routes } from '../../../functions/api/routes.ts';
import { getDownload } from '../../../functions/local/get-download.ts';
import { putUpload } from '../../../functions/local/put-upload.ts';
import { BODY_TIMEOUTS } from '../../../functions/local/request-body.ts';
import { type ServeOptions, serve } from '../../../functions/local/serve.ts';
import { MAX_EXPORT_BYTES } from '../../../lib/contracts/upload-files.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { type HttpAddress, plainRequest, type RawAnswer, rawRequest } from '../../bench/attack/raw-request.ts';
import { constantSession } from '../../support/api.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

type Options = Partial<ServeOptions>;
const MEBIBYTE = 2 ** 20;
/** Timeouts for which no sender of a test is too slow. */
const patient = { idleMs: 600_000, bytesPerSecond: 1e-6, totalMs: 600_000 };

async function listening(api: LocalApi, options: Options = {}): Promise<HttpAddress> {
  const server = await serve(api, { host: '127.0.0.1', port: 0, ...options });
  onTestFinished(() => server.close());
  return { host: '127.0.0.1', port: Number(new URL(server.address).port) };
}

/** The API with the store's folder at hand. */
async function served(options: Options = {}) {
  const directory = temporaryFolder();
  const own = testWorld();
  const store = openFileStore({ directory, clock: own.clock });
  const predictor = openPredictor(store, constantSession, openExplainerLazily);
  onTestFinished(async () => {
    await predictor.close();
    store.close();
  });
  const services = { world: { ...own, store }, compute: recordingCompute(), predictor };
  const address = await listening(localApi([...routes, putUpload(store), getDownload(store)], services), options);
  /** Files that are not in their place yet. */
  const drafts = () =>
    readdirSync(join(directory, 'scratch')).flatMap((folder) =>
      readdirSync(join(directory, 'scratch', folder)).filter((name) => /^\d+$/.test(name)),
    );
  const sign = async (key: string, bytes: Uint8Array) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return (await store.signUpload(key, { size: bytes.length, sha256, expiresInSeconds: 60 })).url;
  };
  return { address, store, drafts, sign };
}

/** The head of a request, with a body that it announces and does not bring. */
function head(address: HttpAddress, line: string, headers: Record<string, string>): Buffer {
  const [method = '', path = ''] = line.split(' ');
  return plainRequest(address, { method, path, headers });
}

function chunkedHead(address: HttpAddress, line: string): string {
  return `${line} HTTP/1.1\r\nHost: ${address.host}\r\nTransfer-Encoding: chunked\r\n\r\n`;
}

const codeOf = ({ status, body }: RawAnswer) => ({ status, code: JSON.parse(body).code });

/** A connection that has sent these bytes and waits; `go` sends the rest. */
function held(address: HttpAddress, first: string | Uint8Array) {
  const rest = Promise.withResolvers<string | Uint8Array>();
  const pieces = async function* () {
    yield first;
    yield await rest.promise;
  };
  onTestFinished(() => rest.resolve(''));
  return { answer: rawRequest(address, pieces(), { patienceMs: 600_000 }), go: rest.resolve };
}

const lengthOf = (bytes: number) => ({ 'content-length': `${bytes}` });

describe('a request that cannot be answered is refused by its headers: not a byte of its body is waited for', () => {
  test.each([
    ['an upload that nobody has signed', 'PUT /v1/uploads/nobody', {}, 403, 'UPLOAD_TOKEN_INVALID'],
    ['one as large as an export may be', 'PUT /v1/uploads/nobody', lengthOf(MAX_EXPORT_BYTES), 403, 'UPLOAD_TOKEN_INVALID'],
    ['one larger than any may be', 'PUT /v1/uploads/nobody', lengthOf(MAX_EXPORT_BYTES + 1), 413, 'BODY_TOO_LARGE'],
    ['JSON larger than any may be', 'POST /v1/jobs', { 'content-length': `${7 * MEBIBYTE}` }, 413, 'BODY_TOO_LARGE'],
    ['a route that is not there', 'POST /nowhere', {}, 404, 'ROUTE_NOT_FOUND'],
    ['a method that the route does not have', 'PUT /v1/jobs', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['a page of another origin', 'POST /v1/jobs', { origin: 'http://evil.example' }, 403, 'ORIGIN_FORBIDDEN'],
    ['another host', 'POST /v1/jobs', { host: 'evil.example' }, 421, 'HOST_NOT_ALLOWED'],
  ])('%s', async (_, line, headers, status, code) => {
    const { address } = await served({ bodyTimeouts: { api: patient, upload: patient } });
    const announced = { 'content-length': `${99 * MEBIBYTE}`, ...headers };
    const answer = await rawRequest(address, [head(address, line, announced)]);
    expect(codeOf(answer)).toEqual({ status, code });
    expect(answer.headers.connection).toBe('close');
    const asking = await rawRequest(address, [head(address, line, { ...announced, expect: '100-continue' })]);
    expect(codeOf(asking)).toEqual({ status, code });
    expect(asking.text).not.toContain('100 Continue');
  });

  test('no token', async () => {
    const { address } = await served({ token: 'secret', bodyTimeouts: { api: patient, upload: patient } });
    const headers = { 'content-length': `${5 * MEBIBYTE}`, expect: '100-continue' };
    const answer = await rawRequest(address, [head(address, 'POST /v1/jobs', headers)]);
    expect(codeOf(answer)).toEqual({ status: 401, code: 'API_TOKEN_INVALID' });
    expect(answer.text).not.toContain('100 Continue');
  });

  test('an upload of another length than was signed', async () => {
    const { address, sign } = await served({ bodyTimeouts: { api: patient, upload: patient } });
    const url = await sign('inputs/a', Buffer.from('four'));
    const answer = await rawRequest(address, [head(address, `PUT ${url}`, { 'content-length': '5', expect: '100-continue' })]);
    expect(codeOf(answer)).toEqual({ status: 422, code: 'UPLOAD_SIZE_MISMATCH' });
    expect(answer.text).not.toContain('100 Continue');
  });

  test('and a client that sends all of it before it reads gets the answer', async () => {
    const { address } = await served();
    const body = Buffer.alloc(20 * MEBIBYTE);
    for (const path of ['/v1/uploads/nobody', '/v1/jobs']) {
      const method = path.includes('uploads') ? 'PUT' : 'POST';
      const response = await fetch(`http://${address.host}:${address.port}${path}`, { method, body });
      expect(response.status).toBe(method === 'PUT' ? 403 : 413);
      expect(await response.json()).toHaveProperty('code');
    }
  });
});

describe('a signed upload', () => {
  test('is asked for after 100-continue, and goes to its place', async () => {
    const { address, store, sign, drafts } = await served();
    const bytes = Buffer.alloc(3 * MEBIBYTE, 'graft');
    const url = await sign('inputs/a', bytes);
    const asking = head(address, `PUT ${url}`, { 'content-length': `${bytes.length}`, expect: '100-continue' });
    const answer = await rawRequest(address, [asking, bytes]);
    expect(answer.text).toMatch(/^HTTP\/1\.1 100 Continue/);
    expect(answer).toMatchObject({ status: 200, body: JSON.stringify({ size: bytes.length }) });
    expect(bytes.equals((await store.get('inputs/a'))?.body ?? Buffer.alloc(0))).toBe(true);
    // Once more: it is there already, which is no fault.
    const path = `http://${address.host}:${address.port}${url}`;
    expect((await fetch(path, { method: 'PUT', body: bytes })).status).toBe(200);
    expect(drafts()).toEqual([]);
  });

  test.each([
    ['longer than was signed', '5\r\nfour!\r\n0\r\n\r\n', 'UPLOAD_SIZE_MISMATCH'],
    ['shorter than was signed', '3\r\nfou\r\n0\r\n\r\n', 'UPLOAD_SIZE_MISMATCH'],
    ['other bytes than were signed', '4\r\nfive\r\n0\r\n\r\n', 'UPLOAD_CHECKSUM_MISMATCH'],
  ])('that turns out to be %s leaves nothing', async (_, chunks, code) => {
    const { address, store, sign, drafts } = await served();
    const url = await sign('inputs/a', Buffer.from('four'));
    const answer = await rawRequest(address, [chunkedHead(address, `PUT ${url}`), chunks]);
    expect(codeOf(answer)).toEqual({ status: 422, code });
    expect(await store.head('inputs/a')).toBeUndefined();
    expect(drafts()).toEqual([]);
  });

  test('whose sender goes away leaves nothing', async () => {
    const { address, store, sign, drafts } = await served();
    const bytes = Buffer.alloc(MEBIBYTE);
    const url = await sign('inputs/a', bytes);
    const part = head(address, `PUT ${url}`, { 'content-length': `${bytes.length}` });
    await rawRequest(address, [part, bytes.subarray(1000)], { end: true });
    await expect.poll(drafts).toEqual([]);
    expect(await store.head('inputs/a')).toBeUndefined();
  });
});

describe('a sender that is too slow gets 408', () => {
  const upTo = { ...patient, idleMs: 50 };
  const least = { ...patient, idleMs: 50, bytesPerSecond: 1e9 };
  const inAll = { ...patient, totalMs: 50 };

  test.each([
    ['that stops', upTo],
    ['that is not done in time', inAll],
  ])('%s, with an upload, which leaves nothing', async (_, upload) => {
    const { address, sign, store, drafts } = await served({ bodyTimeouts: { ...BODY_TIMEOUTS, upload } });
    const url = await sign('inputs/a', Buffer.from('four'));
    const answer = await rawRequest(address, [head(address, `PUT ${url}`, { 'content-length': '4' }), 'fou']);
    expect(codeOf(answer)).toEqual({ status: 408, code: 'BODY_TOO_SLOW' });
    expect(await store.head('inputs/a')).toBeUndefined();
    expect(drafts()).toEqual([]);
  });

  test.each([
    ['that stops', upTo],
    ['that is not done in time', inAll],
  ])('%s, with JSON', async (_, api) => {
    const { address } = await served({ bodyTimeouts: { ...BODY_TIMEOUTS, api } });
    const answer = await rawRequest(address, [head(address, 'POST /v1/jobs', { 'content-length': '100' }), '{']);
    expect(codeOf(answer)).toEqual({ status: 408, code: 'BODY_TOO_SLOW' });
  });

  test('that sends a byte now and again', async () => {
    const { address } = await served({ bodyTimeouts: { ...BODY_TIMEOUTS, api: least } });
    const drip = async function* () {
      yield head(address, 'POST /v1/jobs', { 'content-length': '500000' });
      for (;;) {
        await new Promise((next) => setImmediate(next));
        yield ' ';
      }
    };
    expect(codeOf(await rawRequest(address, drip()))).toEqual({ status: 408, code: 'BODY_TOO_SLOW' });
  });
});

test('bodies have so many bytes in memory together: more are told to come again, and are taken once there is room', async () => {
  const { address } = await served({ bodyBytes: 1000, bodyTimeouts: { api: patient, upload: patient } });
  const body = JSON.stringify({ name: 'two'.padEnd(20) }).padEnd(600);
  const first = held(
    address,
    Buffer.concat([head(address, 'POST /v1/datasets', { 'content-length': '600' }), Buffer.from(body.slice(0, 599))]),
  );
  const second = () => rawRequest(address, [plainRequest(address, { path: '/v1/datasets', body })]);
  await expect.poll(async () => (await second()).status).toBe(429);
  expect(await second()).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  first.go(body.slice(599));
  // A name with spaces: both were read and refused.
  expect((await first.answer).status).toBe(400);
  expect((await second()).status).toBe(400);
});

test('senders that never end take no turn from requests without a body', async () => {
  const { address } = await served({ bodyTimeouts: { api: patient, upload: patient } });
  const unfinished = head(address, 'POST /v1/jobs', { 'content-length': '1000' });
  for (let number = 0; number < BODIES_IN_FLIGHT; number++) held(address, unfinished);
  const post = () => rawRequest(address, [plainRequest(address, { path: '/v1/datasets', body: '{}' })]);
  await expect.poll(async () => (await post()).status).toBe(429);
  for (const path of ['/v1/health', '/v1/jobs', '/v1/models'])
    expect((await rawRequest(address, [plainRequest(address, { method: 'GET', path })])).status).toBe(200);
});

describe('the time of a request', () => {
  const never: LocalApi = () => new Promise(() => {});

  test('ends with 503 where the server is not done: come again', async () => {
    const address = await listening(never, { requestMs: 20 });
    const answer = await rawRequest(address, [plainRequest(address, { method: 'GET', path: '/v1/jobs' })]);
    expect(codeOf(answer)).toEqual({ status: 503, code: 'ANSWER_TIMEOUT' });
    expect(answer.headers['retry-after']).toBe('1');
  });

  test('does not end a signed upload that is still coming', async () => {
    const address = await listening(
      async ({ body }) => {
        if (body === undefined || body instanceof Uint8Array) throw new Error('no body');
        let length = 0;
        for await (const chunk of body.chunks()) length += chunk.length;
        return { status: 200, headers: {}, body: Buffer.from(`${length}`) };
      },
      { requestMs: 1 },
    );
    const chunks = async function* () {
      yield head(address, 'PUT /v1/uploads/x', { 'content-length': '1000' });
      for (let sent = 0; sent < 1000; sent++) {
        await new Promise((next) => setImmediate(next));
        yield 'a';
      }
    };
    expect(await rawRequest(address, chunks())).toMatchObject({ status: 200, body: '1000' });
  });
});

/** More than a request may hold, in a body that is shorter than any route allows. */
const MANY = 50_000;

describe('JSON that holds more than any request needs is refused before anything is made of it', () => {
  test.each([
    ['brackets', '['.repeat(MANY) + ']'.repeat(MANY)],
    ['brackets that stay open', '{"a":'.repeat(MANY)],
    ['elements', `{"files":[${'{},'.repeat(MANY)}{}]}`],
    ['numbers', `{"name":[${'1,'.repeat(MANY)}1]}`],
  ])('%s', async (_, body) => {
    const { address } = await served();
    for (const path of ['/v1/datasets', '/v1/jobs', '/v1/datasets/upload-zzzzzzzzz-0123456789/files', '/v1/estimates']) {
      const answer = await rawRequest(address, [plainRequest(address, { path, body })]);
      expect(codeOf(answer)).toEqual({ status: 400, code: 'JSON_TOO_COMPLEX' });
    }
  });

  test.each([
    ['brackets inside a text', JSON.stringify({ name: '[{,'.repeat(1e5) })],
    ['a text that ends in backslashes', JSON.stringify({ name: '\\'.repeat(1e5), maxRefused: 7 })],
    ['quotes in a text', JSON.stringify({ name: '",['.repeat(1e5) })],
  ])('%s: is read', async (_, body) => {
    const { address } = await served();
    const answer = await rawRequest(address, [plainRequest(address, { path: '/v1/datasets', body })]);
    expect(codeOf(answer)).toEqual({ status: 400, code: 'REQUEST_INVALID' });
  });
});

describe('a signed download', () => {
  test(
    'comes as a stream, of which a client that does not read it holds nothing in memory, and whole to one that ' + 'does',
    async () => {
      const { address, store } = await served();
      const bytes = Buffer.alloc(40 * MEBIBYTE, 'graft');
      await store.put('inputs/a', bytes);
      const { url } = await store.signDownload('inputs/a', { expiresInSeconds: 60 });
      const response = await fetch(`http://${address.host}:${address.port}${url}`);
      expect(response.headers.get('content-length')).toBe(`${bytes.length}`);
      expect(bytes.equals(new Uint8Array(await response.arrayBuffer()))).toBe(true);
      // What reads a store in this process gets all of it at once.
      const direct = await store.openDownload(url.replace('/v1/downloads/', ''));
      expect(direct.size).toBe(bytes.length);
      direct.stream.destroy();
    },
  );

  test('of an object that is gone meanwhile is 404', async () => {
    const { address, store } = await served();
    await store.put('inputs/a', Buffer.from('a'));
    const { url } = await store.signDownload('inputs/a', { expiresInSeconds: 60 });
    await store.delete('inputs/a');
    expect((await fetch(`http://${address.host}:${address.port}${url}`)).status).toBe(404);
  });
});
