import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkAddress } from '../../../cli/remote-client.ts';
import type { ApiRequest } from '../../../lib/client/api-request.ts';
import { signWithAws } from '../../../lib/client/sign-with-aws.ts';
import { httpTransport } from '../../../lib/client/transport.ts';

/** Sends a request for a URL, and returns the request that leaves the machine. */
async function sent(base: string, url: string, options = {}): Promise<Request> {
  const requests: Request[] = [];
  const fetcher: typeof fetch = async (request) => {
    if (request instanceof Request) requests.push(request);
    return new Response();
  };
  await httpTransport(base, { fetcher, ...options })({ method: 'GET', url, headers: {} });
  const [request] = requests;
  if (request === undefined) throw new Error('nothing was sent');
  return request;
}

describe('the path of a route follows the address of the API', () => {
  test.each([
    ['http://127.0.0.1:4400', '/v1/jobs?limit=1', 'http://127.0.0.1:4400/v1/jobs?limit=1'],
    ['http://127.0.0.1:4400/', '/v1/jobs', 'http://127.0.0.1:4400/v1/jobs'],
    ['https://lab.example/graft', '/v1/jobs', 'https://lab.example/graft/v1/jobs'],
    ['https://lab.example/graft/', '/v1/uploads/a%2Fb', 'https://lab.example/graft/v1/uploads/a%2Fb'],
    ['https://lab.example//other.example', '/v1/jobs', 'https://lab.example//other.example/v1/jobs'],
    ['https://lab.example/graft', '//other.example/v1', 'https://lab.example/graft/other.example/v1'],
  ])('%s and %s', async (base, url, expected) => {
    const request = await sent(base, url, { token: 'secret' });
    expect(request.url).toBe(expected);
    expect(request.headers.get('authorization')).toBe('Bearer secret');
  });

  test('also if the request is signed', async () => {
    const signer = signWithAws(async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }), 'eu-central-1');
    const request = await sent('https://abc.execute-api.eu-central-1.amazonaws.com/prod', '/v1/jobs', { signer });
    expect(request.url).toBe('https://abc.execute-api.eu-central-1.amazonaws.com/prod/v1/jobs');
    expect(request.headers.get('authorization')).toContain('AWS4-HMAC-SHA256');
  });
});

test.each([
  'https://bucket.s3.amazonaws.com/a?X-Amz-Signature=1',
  'https://lab.example/store/a?X-Amz-Signature=1',
  'https://lab.example/graft-2/v1/jobs',
  'https://lab.example/graft/../v1/jobs',
  'https://lab.example:8443/graft/v1/jobs',
])('%s is not the API at https://lab.example/graft, and gets no token', async (url) => {
  const request = await sent('https://lab.example/graft', url, { token: 'secret' });
  expect(request.url).toBe(new URL(url).href);
  expect(request.headers.get('authorization')).toBeNull();
});

test.each([
  ['/v1/jobs', 'https://lab.example/graft', 'an API that responds'],
  ['https://bucket.s3.amazonaws.com/a?X-Amz-Signature=1', 'https://bucket.s3.amazonaws.com', 'a store that responds'],
])('no response of %s is the failure of its server: %s', async (url, at, expected) => {
  const fetcher: typeof fetch = async () => {
    throw new TypeError('fetch failed');
  };
  const send = httpTransport('https://lab.example/graft', { fetcher, retry: { attempts: 1 } });
  await expect(send({ method: 'GET', url, headers: {} })).rejects.toMatchObject({ code: 'API_UNREACHABLE', at, expected });
});

describe('a redirect within the host', () => {
  /** A host with an API below /graft that redirects to another service, and what that service got. */
  async function redirecting() {
    const got: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/graft/')) return response.writeHead(307, { location: '/other?secret=1' }).end();
      got.push(request.headers.authorization);
      return response.end('of the other service');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const bound = server.address();
    return { got, host: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}` };
  }
  const signer = signWithAws(async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }), 'eu-central-1');

  test.each([
    ['token', { token: 'secret' }],
    ['signature', { signer }],
  ])('gets no %s', async (_, options) => {
    const { got, host } = await redirecting();
    const get: ApiRequest = { method: 'GET', url: '/v1/jobs', headers: {} };
    for (const request of [get, { ...get, method: 'POST', body: new TextEncoder().encode('{}') } as const]) {
      const error = await httpTransport(`${host}/graft`, options)(request).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'API_REDIRECTED',
        at: `${host}/graft/v1/jobs`,
        received: `a redirect to ${host}/other`,
        retryable: false,
      });
    }
    expect(got).toEqual([]);
  });

  test('is followed without them', async () => {
    const { got, host } = await redirecting();
    const { body } = await httpTransport(`${host}/graft`)({ method: 'GET', url: '/v1/jobs', headers: {} });
    expect(new TextDecoder().decode(body)).toBe('of the other service');
    expect(got).toEqual([undefined]);
  });

  test('that a browser does not show is an error, too', async () => {
    const fetcher: typeof fetch = async () => Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    const send = httpTransport('https://lab.example', { fetcher });
    await expect(send({ method: 'GET', url: '/v1/jobs', headers: {} })).rejects.toMatchObject({
      code: 'API_REDIRECTED',
      received: 'a redirect',
    });
  });
});

describe.each([
  ['GRAFT_API', checkAddress],
  ['base', (address: string) => httpTransport(address)],
])('an address of %s is refused without its secrets', (at, check) => {
  test.each([
    ['lab.example:4400', 'lab.example:4400'],
    ['ftp://lab.example', 'ftp://lab.example'],
    ['', ''],
    ['https://user:secret@lab.example/graft', 'https://***@lab.example/graft'],
    ['https://secret@lab.example', 'https://***@lab.example'],
    ['https:user:secret@lab.example', '***@lab.example'],
    ['user:secret@lab.example', '***@lab.example'],
    ['https://user:se#cr@et@lab.example', 'https://***@lab.example'],
    ['https://lab.example?token=secret', 'https://lab.example?***'],
    ['http://127.0.0.1:4401/#/?token=secret', 'http://127.0.0.1:4401/#***'],
  ])('%s', (address, received) => {
    expect(() => check(address)).toThrow(expect.objectContaining({ name: 'UsageError', code: 'ADDRESS_INVALID', at, received }));
    expect(() => check(address)).not.toThrow(/secret|se#cr/);
  });
});

test.each([
  ['http://127.0.0.1:4400', 'http://127.0.0.1:4400'],
  ['HTTPS://Lab.Example:443/graft/', 'https://lab.example/graft'],
])('GRAFT_API=%s is %s', (address, checked) => {
  expect(checkAddress(address)).toBe(checked);
});
